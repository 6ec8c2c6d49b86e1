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
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of
from app.registry.view_recording import RECORDS_VIEWS
from app.savings.measures import Correction, Outcome
from app.savings.queries.own import Found, unit_ids
from app.savings.rules.model import LEFT_OUT
from app.savings.rules.statement import OwnTransaction, Saved
from app.savings.service import statement
from app.savings.service.statement import Line
from app.web.browser import BrowserSession, BrowserSessionWeb, CitizenWeb
from app.web.data import labels, numbers
from app.web.effects import Effect, owner_of
from app.web.forms import SubmittedForm
from app.web.notices import notice
from app.web.rendering import already_done, finish, lower_first, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


router = APIRouter(prefix="/mi/ahorro", dependencies=[RECORDS_VIEWS])

PAGE = "/mi/ahorro"
Year = Annotated[int | None, Query(alias="anio", ge=1990, le=2100)]
PersonId = Annotated[UUID | None, Query(alias="persona")]
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
    request: Request,
    browser: BrowserSessionWeb,
    actor: CitizenWeb,
    tx: Tx,
    year: Year = None,
    person_id: PersonId = None,
) -> Response:
    """A year's, this one's if none is given; mine, or a child's for whom I act."""
    return await _statement_page(request, browser, actor, tx, year, person_id)


async def _statement_page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    year: int | None,
    person_id: UUID | None = None,
    form: SubmittedForm | None = None,
) -> Response:
    mine = await statement.statement_of(tx, actor, year, person_id=person_id)
    record_views(actor, ViewContext.LIST, {mine.person.id: mine.person.unit_id})
    lines = mine.lines[:MAX_LINES]
    units = await units_by_id(tx, unit_ids([line.transaction for line in lines]))
    since = await yearly_statements.subscribed_since(tx, actor.person_id)
    is_own = mine.person.id == actor.person_id
    return show(
        request,
        browser,
        "citizen/statement.html",
        mine=mine,
        is_own=is_own,
        family=[(member.person, _address(member.person.id, actor)) for member in await family_of(tx, actor)],
        is_over=mine.year < statement.current_year(),
        years=[
            (one, _address(mine.person.id, actor, one))
            for one in range(statement.current_year(), mine.first_year - 1, -1)
        ],
        saved=saved_words(mine.total),
        lines=[(line, line_words(line)) for line in lines],
        units={unit.id: unit for unit in units},
        service=labels.service,
        not_covered=LEFT_OUT,
        wants=bool(form.get("wanted")) if form is not None else since is not None,
        shown=["yearly", since],
        done=None if form is not None else notice(request, owner_of(browser), "listo"),
        back="/mi",
    )


def _address(person_id: UUID, actor: Citizen, year: int | None = None) -> str:
    """The address of a statement."""
    parts = [f"anio={year}"] if year is not None else []
    parts += [f"persona={person_id}"] if person_id != actor.person_id else []
    return f"{PAGE}?{'&'.join(parts)}" if parts else PAGE


def saved_words(total: Saved) -> list[str]:
    """What was saved, in sentences: time, then money. Never added together; what is nothing isn't said."""
    found = []
    for one, words, saved, lost in (
        (total.hours, time_words, N_("%(amount)s de su tiempo"), N_("No le ahorró tiempo: le tomó %(amount)s")),
        (total.mxn, _pesos, N_("%(amount)s que no gastó"), N_("No le ahorró dinero: le costó %(amount)s")),
    ):
        middle, low, high = words(one.median), words(one.low), words(one.high)
        if one.high <= 0:
            middle, low, high = words(-one.median), words(-one.high), words(-one.low)
        if middle == low == high == words(0):
            continue
        amount = _about(middle, low, high)
        found.append(_(saved) % {"amount": amount} if one.high > 0 else _(lost) % {"amount": lower_first(amount)})
    return found


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
    if one.outcome == Outcome.OPEN:
        return _("Sigue abierto: contará cuando termine.")
    if one.outcome != Outcome.COMPLETED:
        return _("No ahorró: no terminó, o no se aprobó.")
    if one.is_repeat:
        return _("No cuenta: repite algo que hizo pocos días antes.")
    if one.is_followed_by_visit:
        return _("No ahorró: después fue a la unidad por lo mismo.")
    return _("No ahorró: usted dijo que no habría ido.") if one.would_have_visited is False else ""


@router.post("/aviso")
async def subscription_sent(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, form: Effect, year: Year = None
) -> Response:
    """A message each January, or none."""
    wanted = bool(form.get("wanted"))
    since = await yearly_statements.subscribed_since(tx, actor.person_id)
    page = _address(actor.person_id, actor, year)
    if not form.holds(["yearly", since]):
        if wanted == (since is not None):
            return already_done(request, browser, page)
        return await _statement_page(request, browser, actor, tx, year, form=form)
    await yearly_statements.choose(tx, actor, is_wanted=wanted)
    return finish(request, browser, form, f"{page}{'&' if '?' in page else '?'}listo=aviso#aviso")


@router.get("/{transaction_id}")
async def correction_page(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, transaction_id: UUID
) -> Response:
    """What I say of one of my transactions."""
    found = await statement.transaction_of(tx, actor, transaction_id)
    return await _correction_page(request, browser, actor, tx, found)


async def _correction_page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    found: Found,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    own = found.transaction
    record_views(actor, ViewContext.LIST, {found.person_id: own.unit_id})
    units = await units_by_id(tx, unit_ids([own]))
    return show(
        request,
        browser,
        "citizen/correction.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        own=own,
        is_correctable=statement.is_correctable_now(own),
        name=labels.service(own.service),
        unit=units[0] if units else None,
        answers=[
            {"value": one.value, "text": _(text), "hint": {"text": _(HINTS[one])}} for one, text in ANSWERS.items()
        ],
        nothing=NOTHING,
        chosen=form.get("correction") if form else (own.correction or NOTHING),
        shown=_facts(own),
        back=_address(found.person_id, actor, own.day.year),
    )


def _facts(own: OwnTransaction) -> list[object]:
    return ["correction", own.id, own.correction, own.corrected_at]


@router.post("/{transaction_id}")
async def correction_sent(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, form: Effect, transaction_id: UUID
) -> Response:
    """It counts at once in the statement, and for everyone with the next sums."""
    found = await statement.transaction_of(tx, actor, transaction_id)
    own = found.transaction
    chosen = form.one_of("correction", [*ANSWERS, NOTHING], N_("Elija una respuesta."))
    if form.errors or not form.holds(_facts(own)):
        return await _correction_page(request, browser, actor, tx, found, form)
    try:
        await statement.correct(tx, actor, own.id, None if chosen == NOTHING else Correction(str(chosen)))
    except Problem as problem:
        return await _correction_page(request, browser, actor, tx, found, form, problem)
    page = _address(found.person_id, actor, own.day.year)
    return finish(request, browser, form, f"{page}&listo=correccion")
