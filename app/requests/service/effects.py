"""What an approval changes in the registry, by the names service files use. Each gives the rows of the resolution.

An effect that can't be made raises one of the problems that it declares, never a bare `Conflict`: what stands in the
way and what an officer can do is shown before the approval, when it is previewed (`decisions.preview_approval`). What
the answers alone decide is in `rules.effect_answers`, and refused when they are submitted.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.workflow import Outcome
from app.kernel.actor import Actor
from app.kernel.clock import local_day
from app.kernel.db import savepoint
from app.kernel.db_errors import problem_of
from app.kernel.events import record
from app.kernel.parsing import iso_date
from app.kernel.problems import Conflict, Problem
from app.law.current import refresh
from app.law.problems import FigureMissing
from app.places.models import Unit
from app.places.queries import zone_of
from app.registry import corrections
from app.registry import problems as refusals
from app.registry import service as registry
from app.registry.events import RelativeRegistered
from app.registry.queries import next_policy_from, person_by_curp, work_of
from app.registry.registrations import Registration, registered_values
from app.registry.voluntary import continuation_start, months_to_pay
from app.requests.models import Request
from app.requests.problems import AnswersNoLongerValid
from app.requests.queries.facts import load_facts
from app.requests.rules.amounts import MonthlyFee, fee_by_age, monthly_fees, number_on, nursery_points, table_on
from app.requests.rules.checks import approval_errors, has_answer_checks
from app.requests.rules.corrections import NAMES, Change, changes
from app.requests.rules.kinship import is_asked_by_relative, registration, situation_of
from app.requests.service.cases import Case, facts_of
from app.requests.service.people import pair_of, reindex_person
from app.requests.service.resolutions import Row, chosen, day_row, row
from app.requests.wording import CORRECTED, corrected_words

Function = Callable[[AsyncSession, Actor, Case], Awaitable[list[Row]]]
WAIT_LIST = "wait-list"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A problem that an effect may raise, and what an officer can do then: ask the citizen for these answers, or refuse
    for one of these reasons, where the service has them."""

    problem: type[Problem]
    ask: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    waits: bool = False
    """Someone else of the agency removes it: the request can wait in review."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of the registry, and all that may stand in its way."""

    make: Function
    obstacles: tuple[Obstacle, ...]


EFFECTS: dict[str, Effect] = {}


def effect(*obstacles: Obstacle) -> Callable[[Function], Function]:
    """Register a function as the effect of its name."""

    def register(function: Function) -> Function:
        EFFECTS[function.__name__] = Effect(function, obstacles)
        return function

    return register


CHANGES: dict[str, Callable[[Facts], tuple[Change, ...]]] = {"correct_person": changes, "add_dependant": registration}
"""The effects that show which values they change before they are made."""


async def changes_of(session: AsyncSession, case: Case) -> tuple[Change, ...]:
    """The values of the registry that an approval of the request would change, before and after."""
    shows = next((CHANGES[name] for name in case.service.result.effects if name in CHANGES), None)
    if shows is None:
        return ()
    return shows(await load_facts(session, case.service, case.person, case.request.answers, case.today))


def remedies(service: Service, problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What an officer can do about what stands in the way of an approval: the answers to ask the citizen for, and the
    codes of the reasons to refuse with."""
    declared = [one for name in service.result.effects for one in EFFECTS[name].obstacles]
    found = next((one for one in declared if one.problem is type(problem)), None)
    named = tuple(dict.fromkeys(error.field for error in problem.fields))
    return (named or found.ask, found.refuse) if found is not None else (named, ())


async def apply_effects(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """Do all that the service's approval does; returns the rows of its resolution.

    Raises:
        AnswersNoLongerValid: an answer that was accepted can't be carried out any more. Conflict: one of the obstacles
        that the effects declare.
    """
    if has_answer_checks(case.service):
        wrong = approval_errors(case.service, await facts_of(session, case))
        if wrong:
            raise AnswersNoLongerValid(fields=wrong)
    if not case.service.result.effects:
        return []
    case.facts = None  # the registry changes
    rows: list[Row] = []
    try:
        async with savepoint(session):
            for name in case.service.result.effects:
                rows += await EFFECTS[name].make(session, actor, case)
            await session.flush()
    except IntegrityError as error:
        raise (problem_of(error) or Conflict()) from error
    return rows


@effect(
    Obstacle(refusals.CurpAlreadyRegistered, refuse=("identity-not-proved",)),
    Obstacle(refusals.NameMissing, refuse=("identity-not-proved",)),
    Obstacle(refusals.NssAlreadyAssigned, refuse=("already-has-number",)),
    Obstacle(refusals.NumbersExhausted, waits=True),
)
async def assign_nss(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """A number for life. An officer's approval says that the data are those of the CURP."""
    await registry.confirm_declared(session, actor, case.person)
    number = await registry.assign_nss(session, actor, case.person.id, case.today)
    await session.refresh(case.person)
    return [row("Número de seguridad social", "Social-security number", number)]


@effect(
    Obstacle(AnswersNoLongerValid, ask=("unit_id",), refuse=("not-served",)),
    Obstacle(refusals.PanelFull, ask=("unit_id", "shift"), refuse=("no-place",)),
)
async def assign_unit(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """A clinic, a shift and a room."""
    answers = case.request.answers
    unit = await session.get_one(Unit, UUID(answers["unit_id"]))  # there, and in operation: see `unit_errors`
    assigned = await registry.assign_unit(
        session, actor, case.person.id, unit_id=unit.id, shift=answers["shift"], postal_code=answers["postal_code"]
    )
    await session.refresh(case.person)
    rows = [row("Clínica", "Clinic", unit.name), chosen(case, "shift", "Turno", "Shift")]
    return rows + ([row("Consultorio", "Room", assigned.room)] if assigned.room else [])


@effect(
    Obstacle(AnswersNoLongerValid, ask=("dependant_curp", "kinship"), refuse=("kinship-not-proved",)),
    Obstacle(refusals.RelativeUnknown, ask=("dependant_curp",), refuse=("not-identified",)),
    Obstacle(refusals.AlreadyDependant, refuse=("already-registered",)),
    Obstacle(refusals.CoupleRegistered, refuse=("couple-registered", "not-possible")),
    Obstacle(refusals.HolderUnknown, refuse=("not-possible",)),
    Obstacle(refusals.HolderWithoutRights, refuse=("not-possible",)),
    Obstacle(refusals.HolderIneligible, refuse=("not-possible",)),
)
async def add_dependant(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """A dependant from today on, asked for by the holder or by the dependant. The holder who didn't ask is notified.
    The resolution names the dependant alone: it is the applicant's to show."""
    answers = case.request.answers
    holder_id, relative = await pair_of(session, case)
    before = await registered_values(session, holder_id, relative.id)
    situation, studies_until = situation_of(answers)
    last = await registry.add_dependant(
        session,
        actor,
        holder_id,
        relative.id,
        kinship=answers["kinship"],
        starts_on=case.today,
        situation=situation,
        studies_until=studies_until,
    )
    by_relative = is_asked_by_relative(answers)
    after = await registered_values(session, holder_id, relative.id) or {}
    case.registered = Registration(holder_id, relative.id, before, after, by_relative)
    if by_relative:
        await record(
            session, actor, RelativeRegistered(subject_id=holder_id, person_id=holder_id, dependant_id=relative.id)
        )
    rows = [
        row("Beneficiario", "Dependant", relative.full_name) | {"is_name": True},
        day_row("Desde", "From", case.today),
    ]
    return rows + ([day_row("Hasta", "Until", last)] if last is not None else [])


@effect(
    Obstacle(refusals.NotDependant, ask=("dependant_curp",), refuse=("not-registered",)),
    Obstacle(refusals.CourtOrdered, refuse=("court-order",)),
)
async def end_dependant(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """A registration ended."""
    answers = case.request.answers
    relative = await person_by_curp(session, answers["dependant_curp"])
    if relative is None:
        raise refusals.NotDependant
    ended = await registry.end_dependant(
        session, actor, case.person.id, relative.id, today=case.today, ends_on=iso_date(answers["ends_on"])
    )
    return [
        row("Beneficiario", "Dependant", relative.full_name) | {"is_name": True},
        day_row("Hasta", "Until", ended),
    ]


@effect(
    Obstacle(AnswersNoLongerValid, ask=("birth_on", "sex", "curp", "other_nss"), refuse=("curp-first",)),
    Obstacle(refusals.CurpOfAnother, ask=("curp",), refuse=("curp-not-proved",)),
)
async def correct_person(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """The right values; the requests of the person are found by their new name at once. Numbers of social security are
    corrected and joined by the affiliation area: periods of work hang from them."""
    if case.request.answers.get("field") == "nss":
        return [
            chosen(case, "nss_problem", "Número de seguridad social", "Social-security number"),
            row("Quién lo corrige", "Who corrects it", "")
            | {"value": {"es": "El área de afiliación", "en": "The affiliation area"}},
        ]
    facts = await load_facts(session, case.service, case.person, case.request.answers, case.today)
    values = {change.field: change.after for change in changes(facts)}
    await corrections.correct_person(session, actor, case.person.id, case.request.id, values)
    await session.refresh(case.person)
    if set(values) & set(NAMES):
        await reindex_person(session, case.person)
    return [corrected_row(field, value) for field, value in values.items()]


def corrected_row(field: str, value: str) -> Row:
    """The line of a resolution about a corrected value; a name, and a CURP, are for strangers by a part only."""
    return {
        "label": CORRECTED[field],
        "value": corrected_words(field, value),
        "is_name": field in (*NAMES, "curp") and bool(value),
    }


@effect()
async def certify_unemployment(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """What the certificate for the pension fund says. It changes nothing: only what the fund pays is a withdrawal (LSS
    arts. 191 II and 198), and the fund reports it with the weeks that it cost."""
    answers = case.request.answers
    last = next((c["values"].get("days") for c in case.request.checks if c["rule"] == "days_without_work"), None)
    rows = [row("AFORE", "Pension fund", answers["afore"]), row("CLABE", "CLABE", f"… {answers['clabe'][-4:]}")]
    return rows + ([row("Días sin trabajo", "Days without work", last)] if last is not None else [])


@effect(
    Obstacle(FigureMissing, waits=True),
    Obstacle(refusals.AlreadyEnrolled, refuse=("already-enrolled",)),
)
async def enrol_modality_40(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """Voluntary contributions from the day of the request, or from the day after the last day worked. Each month is
    paid by the rate in force in it, so months of several years have several fees."""
    law, figures = await refresh(session), case.service.result.parameters
    wage = Decimal(str(case.request.answers["daily_wage"]))
    starts_on = await _continuation_start(session, case)
    months = months_to_pay(starts_on, case.today)

    def fees(of: list[date]) -> list[MonthlyFee]:
        return monthly_fees(
            wage,
            of,
            lambda month: number_on(law, figures, "rate_percent", month),
            lambda month: number_on(law, figures, "days", month),
        )

    due = fees(months)
    current = fees([case.today.replace(day=1)])[0]
    line = await registry.enrol_voluntarily(
        session, actor, case.person.id, scheme="modality-40", starts_on=starts_on, fee=current.fee, daily_wage=wage
    )
    return [
        row("Salario diario", "Daily wage", f"{wage} MXN"),
        row("Cuota mensual", "Monthly fee", f"{current.fee} MXN"),
        *(
            row(f"Cuota mensual de {one.year}", f"Monthly fee of {one.year}", f"{one.fee} MXN ({one.months})")
            for one in due
            if one.fee != current.fee
        ),
        day_row("Inicia", "Begins", starts_on),
        row("Meses por pagar hoy", "Months to pay today", len(months)),
        row("Por pagar hoy", "To pay today", f"{sum(one.fee * one.months for one in due)} MXN"),
        *_next_year(fees, case.today),
        row("Línea de captura", "Payment line", line),
    ]


def _next_year(fees: Callable[[list[date]], list[MonthlyFee]], today: date) -> list[Row]:
    """The fee from January on, where its rate is known."""
    january = date(today.year + 1, 1, 1)
    try:
        (after,) = fees([january])
    except FigureMissing:
        return []
    label = (f"Cuota mensual desde enero de {january.year}", f"Monthly fee from January {january.year}")
    return [row(*label, f"{after.fee} MXN")]


async def _continuation_start(session: AsyncSession, case: Case) -> date:
    """The day of the request is that of the unit on which it was submitted, however late it is decided."""
    submitted_at = case.request.submitted_at
    zone = await zone_of(session, case.person.unit_id)
    asked_on = local_day(submitted_at, zone) if submitted_at is not None else case.today
    left_on = max((one.ends_on for one in await work_of(session, case.person.id) if one.ends_on), default=None)
    return continuation_start(asked_on, left_on, after_leaving=case.request.answers.get("starts") == "after-leaving")


@effect(
    Obstacle(FigureMissing, waits=True),
    Obstacle(refusals.AlreadyEnrolled, refuse=("already-enrolled",)),
)
async def enrol_family_health(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """A policy of a year, once it is paid, by the fees in force on its first day (LSS art. 242)."""
    law, ages = await refresh(session), [int(age) for age in case.request.answers["ages"].split(",")]
    starts_on = await next_policy_from(session, case.person.id, case.today)
    table = table_on(law, case.service.result.parameters, "fees", starts_on)
    total = sum((fee_by_age(age, table) for age in ages), Decimal(0))
    line = await registry.enrol_voluntarily(
        session, actor, case.person.id, scheme="family-health", starts_on=starts_on, fee=total
    )
    return [
        row("Personas", "People", len(ages)),
        row("Cuota anual", "Yearly fee", f"{total} MXN"),
        day_row("Inicia", "Begins", starts_on),
        row("Línea de captura", "Payment line", line),
    ]


@effect()
async def place_in_nursery(session: AsyncSession, _actor: Actor, case: Case) -> list[Row]:
    """A place, or the position in the unit's list: by points, then by age of the request."""
    points = nursery_points(case.request.answers, case.service.result.parameters)
    rows = [row("Puntos", "Points", points)]
    if WAIT_LIST not in case.request.reasons:
        return [*rows, chosen(case, "hours", "Lugar", "Place")]
    listed = Request.result["nursery_points"].as_integer()
    before = select(func.count()).where(
        Request.service == case.request.service,
        Request.unit_id.is_not_distinct_from(case.request.unit_id),
        Request.outcome == Outcome.APPROVED,
        literal(WAIT_LIST) == any_(Request.reasons),
        (listed > points) | ((listed == points) & (Request.submitted_at < case.request.submitted_at)),
    )
    ahead = await session.scalar(before) or 0
    return [*rows, row("Posición en la lista", "Position in the list", ahead + 1)]


@effect(Obstacle(refusals.AlreadyPensioner, refuse=("already-pensioner",)))
async def grant_pension(session: AsyncSession, actor: Actor, case: Case) -> list[Row]:
    """What was granted and by which law; the amount is worked out by the payments office. Medical care as a pensioner
    begins the same day (LSS art. 84 II)."""
    await registry.grant_pension(
        session, actor, case.person.id, kind=case.request.answers["pension"], starts_on=case.today
    )
    found: dict[str, Any] = next((c["values"] for c in case.request.checks if c["rule"] == "weeks_for_pension"), {})
    return [
        chosen(case, "pension", "Pensión", "Pension"),
        day_row("Atención médica como pensionado desde", "Medical care as a pensioner from", case.today),
        row("Semanas reconocidas", "Weeks recognised", found.get("weeks", "")),
        row("Ley aplicable", "Law applied", found.get("law", "")),
        row("CLABE", "CLABE", f"… {case.request.answers['clabe'][-4:]}"),
    ]
