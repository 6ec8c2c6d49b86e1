"""Booking choices: for whom, which service, which unit; refusals come before any slot is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.problems import AlreadyBooked, NoUnitYet
from app.appointments.queries import offer
from app.appointments.rules import policy_of
from app.appointments.service import eligibility
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem
from app.places.queries import point_of, unit_by_id
from app.places.rules import Point, kilometres
from app.registry.queries import FamilyMember, family_of, own_person
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_flow import STEPS, booking_flow_of, shown, store_answer
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show, start_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit
    from app.registry.models import Person

router = APIRouter()

ORDER_SHOWN = ["family-medicine", "dental", "preventive", "window"]


@router.get("/citas")
async def start_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """What is needed, how long it takes, other ways; emergencies first."""
    return show(request, browser, "citizen/start.html", back="/", private=False)


@router.get("/citas/quien")
async def person_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """For oneself or for a family member; not asked of who has none."""
    browser.remember(moving=None)
    family = await family_of(tx, actor)
    if len(family) == 1:
        store_answer(browser, "person", str(family[0].person.id))
        return redirect(request, browser, STEPS["service"])
    return _person(request, browser, family, SubmittedForm({"person": browser.answers.get("person", "")}))


def _person(request: Request, browser: BrowserSession, family: list[FamilyMember], form: SubmittedForm) -> Response:
    return show(
        request,
        browser,
        "citizen/person.html",
        errors=form.errors,
        family=family,
        typed=form.values,
        shown=shown(booking_flow_of(browser), "person"),
        back="/citas",
    )


@router.post("/citas/quien")
async def person_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """One of the family."""
    family = await family_of(tx, actor)
    mine = [str(member.person.id) for member in family]
    chosen = form.one_of("person", mine, N_("Elija para quién es la cita."))
    if form.errors or not form.holds(shown(booking_flow_of(browser), "person")):
        return _person(request, browser, family, form)
    store_answer(browser, "person", chosen)
    return redirect(request, browser, STEPS["service"])


@dataclass(frozen=True, slots=True)
class Choice:
    """A service that can be asked for, and the unit a referral names for it."""

    service: str
    unit_id: UUID | None
    unit_name: str = ""

    @property
    def value(self) -> str:
        return f"{self.service}@{self.unit_id}" if self.unit_id else self.service


async def _choices(tx: AsyncSession, person: Person) -> list[Choice]:
    if person.unit_id is None:
        raise NoUnitYet(extra={"rule": "assigned-unit"})
    unit = await unit_by_id(tx, person.unit_id)
    today = clock.today(unit.timezone)
    given = await offer.services_at(tx, unit.id, today)
    if not unit.is_operating:
        given |= {name for name in ORDER_SHOWN if await eligibility.other_units(tx, unit, name)}
    own = [Choice(name, None) for name in ORDER_SHOWN if name in given]
    referred = [
        Choice(one.service, one.unit_id, one.unit_name) for one in await offer.referrals_of(tx, person.id, today)
    ]
    return own + referred


@router.get("/citas/motivo")
async def service_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """What for."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("service"):
        return redirect(request, browser, missing)
    person = await own_person(tx, actor, journey.person)
    form = SubmittedForm({"service": browser.answers.get("service", "")})
    return _service_again(request, browser, form, await _choices(tx, person), person)


@router.post("/citas/motivo")
async def service_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """Checks the rules about the person; a refusal says which, and what to do instead."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("service"):
        return start_again(request, browser, form, missing)
    person = await own_person(tx, actor, journey.person)
    choices = {choice.value: choice for choice in await _choices(tx, person)}
    chosen = choices.get(form.one_of("service", choices, N_("Elija para qué es la cita.")))
    if chosen is None or not form.holds(shown(journey, "service")):
        return _service_again(request, browser, form, list(choices.values()), person)
    unit_id = chosen.unit_id or person.unit_id
    assert unit_id is not None
    try:
        units = await _units(tx, unit_id, chosen.service)
        await eligibility.require_eligible(tx, actor, person.id, units[0].id, chosen.service)
    except NotFound:
        raise
    except Problem as problem:
        folio = None
        if isinstance(problem, AlreadyBooked):
            folio = await offer.active_folio(tx, person.id, chosen.service)
        return _service_again(request, browser, form, list(choices.values()), person, problem=problem, folio=folio)
    store_answer(browser, "service", chosen.service)
    browser.remember(proposed=str(unit_id))
    return redirect(request, browser, STEPS["unit"])


def _service_again(
    request: Request,
    browser: BrowserSession,
    form: SubmittedForm,
    choices: list[Choice],
    person: Person,
    *,
    problem: Problem | None = None,
    folio: str | None = None,
) -> Response:
    return show(
        request,
        browser,
        "citizen/service.html",
        status=problem.status if problem else 200,
        errors=form.errors,
        problem=problem,
        folio=folio,
        choices=choices,
        person=person,
        shown=shown(booking_flow_of(browser), "service"),
        typed=form.values,
        back="/citas/quien",
    )


@dataclass(frozen=True, slots=True)
class Clinic:
    """A unit that can be chosen, and how far it is from home (kilometres, as the crow flies)."""

    unit: Unit
    kilometres: float | None


async def _units(tx: AsyncSession, unit_id: UUID, chosen: str) -> list[Unit]:
    """The units where a person of this unit, or referred to it, can have the service: others too where the rules allow
    any, and only others while this one is out of operation."""
    first = await unit_by_id(tx, unit_id)
    others = await eligibility.other_units(tx, first, chosen)
    return [first, *others] if first.is_operating or not others else others


async def _clinics(tx: AsyncSession, browser: BrowserSession, person: Person, chosen: str) -> list[Clinic]:
    """The units that can be chosen for this service, with their distance from home."""
    proposed = browser.answers.get("proposed")
    units = await _units(tx, UUID(proposed) if proposed else person.unit_id or UUID(int=0), chosen)
    home = await point_of(tx, person.postal_code)
    return [Clinic(unit, _distance(home, unit)) for unit in units]


def _distance(home: Point | None, unit: Unit) -> float | None:
    if home is None or unit.latitude is None or unit.longitude is None:
        return None
    return kilometres(home, Point(unit.latitude, unit.longitude))


@router.get("/citas/clinica")
async def unit_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """Your clinic is this one; or another where that is allowed."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("unit"):
        return redirect(request, browser, missing)
    return await _unit_page(request, browser, actor, tx, SubmittedForm({"unit": browser.answers.get("unit", "")}))


async def _unit_page(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, form: SubmittedForm
) -> Response:
    journey = booking_flow_of(browser)
    assert journey.service is not None
    person = await own_person(tx, actor, journey.person)
    clinics = await _clinics(tx, browser, person, journey.service)
    return show(
        request,
        browser,
        "citizen/unit.html",
        errors=form.errors,
        clinics=clinics,
        person=person,
        service=journey.service,
        is_own=clinics[0].unit.id == person.unit_id,
        is_referral=policy_of(journey.service).needs_referral,
        shown=shown(journey, "unit"),
        typed=form.values,
        back="/citas/motivo",
    )


@router.post("/citas/clinica")
async def unit_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """One of the clinics shown."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("unit"):
        return start_again(request, browser, form, missing)
    assert journey.service is not None
    person = await own_person(tx, actor, journey.person)
    allowed = {str(clinic.unit.id) for clinic in await _clinics(tx, browser, person, journey.service)}
    chosen = form.one_of("unit", allowed, N_("Elija una clínica."))
    if form.errors or not form.holds(shown(journey, "unit")):
        return await _unit_page(request, browser, actor, tx, form)
    store_answer(browser, "unit", chosen)
    return redirect(request, browser, STEPS["day"])
