"""What the portal saved me in a year, how that is computed, and my corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.kernel.actor import Citizen
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _, ngettext
from app.kernel.problems import Problem
from app.notifications import yearly_statements
from app.places.queries import units_by_id
from app.savings.measures import Correction, Outcome
from app.savings.queries.own import own_transaction, unit_ids
from app.savings.rules.model import LEFT_OUT
from app.savings.rules.statement import OwnTransaction, Saved
from app.savings.service import statement
from app.savings.service.statement import Line
from app.web.browser import BrowserSession, BrowserSessionWeb, CitizenWeb
from app.web.data import labels, numbers
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import already_done, finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


router = APIRouter(prefix="/mi/ahorro")

PAGE = "/mi/ahorro"
Year = Annotated[int | None, Query(alias="anio", ge=1990, le=2100)]
MAX_LINES = 100
"""Transactions listed on a page, the newest; the sums are of all."""
NOTHING = "none"
ANSWERS = {
    Correction.WOULD_HAVE_VISITED: N_("Habría ido a la unidad"),
    Correction.WOULD_NOT_HAVE_VISITED: N_("No habría ido"),
    Correction.VISITED_ANYWAY: N_("De todos modos tuve que ir"),
}
HINTS = {
    Correction.WOULD_HAVE_VISITED: N_("Sin el portal, usted habría hecho el viaje y la fila."),
    Correction.WOULD_NOT_HAVE_VISITED: N_("Sin el portal no lo habría hecho, o habría llamado por teléfono."),
    Correction.VISITED_ANYWAY: N_("Lo hizo aquí y aun así tuvo que ir a la unidad por lo mismo. No le ahorró nada."),
}
HOUR, MINUTES = 1.0, 60


@router.get("")
async def statement_page(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, year: Year = None
) -> Response:
    """A year's, this one's if none is given."""
    return await _statement_page(request, browser, actor, tx, year)


async def _statement_page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    year: int | None,
    form: SubmittedForm | None = None,
) -> Response:
    mine = await statement.statement_of(tx, actor, year)
    lines = mine.lines[:MAX_LINES]
    units = await units_by_id(tx, unit_ids([line.transaction for line in lines]))
    is_subscribed = await yearly_statements.is_subscribed(tx, actor.person_id)
    return show(
        request,
        browser,
        "citizen/statement.html",
        mine=mine,
        is_over=mine.year < statement.current_year(),
        years=range(statement.current_year(), mine.first_year - 1, -1),
        saved=saved_words(mine.total),
        lines=[(line, line_words(line)) for line in lines],
        units={unit.id: unit for unit in units},
        service=labels.service,
        not_covered=LEFT_OUT,
        wants=bool(form.get("wanted")) if form is not None else is_subscribed,
        shown=["yearly", is_subscribed],
        done=request.query_params.get("listo"),
        back="/mi",
    )


def saved_words(total: Saved) -> list[str]:
    """What was saved, in sentences: time, then money. Never added together."""
    hours, mxn = total.hours, total.mxn
    if not (hours.low or hours.high or mxn.low or mxn.high):
        return []
    time = _about(time_words(hours.median), time_words(hours.low), time_words(hours.high))
    money = _about(_pesos(mxn.median), _pesos(mxn.low), _pesos(mxn.high))
    return [_("%(amount)s de su tiempo") % {"amount": time}, _("%(amount)s que no gastó") % {"amount": money}]


def _about(middle: str, low: str, high: str) -> str:
    if low == high:
        return _("Cerca de %(middle)s") % {"middle": middle}
    return _("Cerca de %(middle)s (entre %(low)s y %(high)s)") % {"middle": middle, "low": low, "high": high}


def time_words(hours: float) -> str:
    """«7 horas», «40 minutos»: minutes below an hour; to the digits that are known."""
    if abs(hours) < HOUR:
        minutes = round(hours * MINUTES)
        return ngettext("%(n)s minuto", "%(n)s minutos", abs(minutes)) % {"n": numbers.number(minutes)}
    shown = numbers.significant(hours)
    whole = shown == round(shown)
    return ngettext("%(n)s hora", "%(n)s horas", round(abs(shown)) if whole else 2) % {
        "n": numbers.number(shown, 0 if whole else 1)
    }


def _pesos(amount: float) -> str:
    shown = numbers.significant(round(amount))
    return ngettext("%(n)s peso", "%(n)s pesos", round(abs(shown))) % {"n": numbers.number(shown)}


def line_words(line: Line) -> str:
    """What a transaction saved, or why it saved nothing."""
    hours = line.saved.hours
    spent = _("Le tomó %(time)s.") % {"time": time_words(abs(hours.median))} if hours.median < 0 else ""
    reason = _reason(line.transaction)
    if reason:
        return f"{reason} {spent}".strip()
    if hours.low == hours.high:
        return time_words(hours.median)
    return _("%(middle)s (entre %(low)s y %(high)s)") % {
        "middle": time_words(hours.median),
        "low": time_words(hours.low),
        "high": time_words(hours.high),
    }


def _reason(one: OwnTransaction) -> str:
    if one.correction is Correction.VISITED_ANYWAY:
        return _("No ahorró: usted dijo que de todos modos tuvo que ir.")
    if one.outcome != Outcome.COMPLETED:
        return _("No ahorró: no terminó, o no se aprobó.")
    if one.is_repeat:
        return _("No cuenta: repite algo que hizo pocos días antes.")
    if one.is_followed_by_visit:
        return _("No ahorró: después fue a la unidad por lo mismo.")
    return _("No ahorró: usted dijo que no habría ido.") if one.would_have_visited is False else ""


@router.post("/aviso")
async def subscription_sent(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, form: Effect
) -> Response:
    """A message each January, or none."""
    wanted = bool(form.get("wanted"))
    is_subscribed = await yearly_statements.is_subscribed(tx, actor.person_id)
    if not form.holds(["yearly", is_subscribed]):
        if wanted == is_subscribed:
            return already_done(request, browser, PAGE)
        return await _statement_page(request, browser, actor, tx, None, form)
    await yearly_statements.choose(tx, actor, is_wanted=wanted)
    return finish(request, browser, form, f"{PAGE}?listo=aviso#aviso")


@router.get("/{transaction_id}")
async def correction_page(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, transaction_id: UUID
) -> Response:
    """What I say of one of my transactions."""
    own = (await own_transaction(tx, actor.person_id, transaction_id)).transaction
    return await _correction_page(request, browser, tx, own)


async def _correction_page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    own: OwnTransaction,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    units = await units_by_id(tx, unit_ids([own]))
    return show(
        request,
        browser,
        "citizen/correction.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        own=own,
        name=labels.service(own.service),
        unit=units[0] if units else None,
        answers=[
            {"value": one.value, "text": _(text), "hint": {"text": _(HINTS[one])}} for one, text in ANSWERS.items()
        ],
        nothing=NOTHING,
        chosen=form.get("correction") if form else (own.correction or NOTHING),
        shown=_facts(own),
        back=f"{PAGE}?anio={own.day.year}",
    )


def _facts(own: OwnTransaction) -> list[object]:
    return ["correction", own.id, own.correction]


@router.post("/{transaction_id}")
async def correction_sent(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, form: Effect, transaction_id: UUID
) -> Response:
    """It counts at once in the statement, and for everyone with the next sums."""
    own = (await own_transaction(tx, actor.person_id, transaction_id)).transaction
    chosen = form.one_of("correction", [*ANSWERS, NOTHING], N_("Elija una respuesta."))
    if form.errors or not form.holds(_facts(own)):
        return await _correction_page(request, browser, tx, own, form)
    try:
        await statement.correct(tx, actor, own.id, None if chosen == NOTHING else Correction(str(chosen)))
    except Problem as problem:
        return await _correction_page(request, browser, tx, own, form, problem)
    return finish(request, browser, form, f"{PAGE}?anio={own.day.year}&listo=correccion")
