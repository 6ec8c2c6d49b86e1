"""The page of the counter as it is now: where one sits, the ticket there and whose it is, who waits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import Request, Response

from app.appointments.labels import service_name
from app.appointments.queries.own import own_appointment
from app.catalog.loader import load_services
from app.desk.queries.counters import CounterView, counters_of, my_counter
from app.desk.queries.queues import QueueTerms, attended_services, queue_terms
from app.desk.queries.tickets import TicketView, ticket_view, tickets_left_lately, tickets_of_day
from app.identity.permissions import Action, may
from app.kernel.actor import Staff
from app.kernel.i18n import gettext
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import find_person
from app.requests.queries import people
from app.web.browser import BrowserSession
from app.web.effects import EffectForm
from app.web.rendering import show
from app.web.staff import desk_labels
from app.web.staff.header import VERSION_FIELD, announce_words, done, last_button
from app.web.staff.unit_choice import desk_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

PAGE = "/ventanilla/mostrador"
TICKET_FIELD = "turno"
"""In the address of a page: the ticket that a button acted on."""
SHOWN_WAITING, SHOWN_LEFT, SHOWN_REQUESTS = 12, 20, 5
WAITS = ("waiting", "parked")


def seat_facts(seat: CounterView | None) -> list[object]:
    """Where one sits, as the forms of the page show it."""
    return [seat.session_id, seat.status, seat.changed_at] if seat else []


def ticket_facts(ticket: TicketView) -> list[object]:
    """A ticket, as its forms show it."""
    return [ticket.id, ticket.version]


def after_ticket(page: str, name: str, ticket_id: UUID, version: int) -> str:
    """The address of a page that says what a button did to a ticket, as long as that is its latest change."""
    return done(f"{page}{'&' if '?' in page else '?'}{TICKET_FIELD}={ticket_id}", name, version=version)


async def say_what_was_done(request: Request, tx: AsyncSession, actor: Staff, seat: CounterView | None) -> None:
    """Say on top what the button that led to this address did, unless something has changed since."""
    asked = request.query_params
    name = last_button(request)
    if name not in desk_labels.DONE:
        return
    words = gettext(desk_labels.DONE[name])
    if name in desk_labels.SEAT_AFTER:
        if desk_labels.SEAT_AFTER[name] == (seat.status if seat else None):
            announce_words(request, words)
    elif seat is not None and TICKET_FIELD in asked:
        with suppress(ValueError, NotFound):
            ticket = await ticket_view(tx, actor, seat.unit_id, UUID(asked[TICKET_FIELD]))
            if str(ticket.version) == asked.get(VERSION_FIELD):
                announce_words(request, words % {"number": ticket.number})


async def show_counter(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    *,
    form: EffectForm | None = None,
    problem: Problem | None = None,
    about: TicketView | None = None,
    asked: str | None = None,
) -> Response:
    """The page; `about`: the ticket on which a form wanted to act and didn't."""
    seat = await my_counter(tx, actor)
    if seat is None:
        return await show_closed(request, browser, actor, tx, form=form, problem=problem, asked=asked)
    lists = await _lists(tx, actor, seat)
    current = lists.current
    if current is not None and current.person_id is not None:
        record_views(actor, ViewContext.DESK, {current.person_id: current.unit_id})
    return show(
        request,
        browser,
        "staff/counter.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        about=about,
        seat=seat,
        unit=await unit_by_id(tx, seat.unit_id),
        lists=lists,
        current=current,
        beside=await _beside(tx, actor, current) if current else None,
        seat_facts=seat_facts(seat),
        ticket_facts=ticket_facts,
        words=desk_labels,
        typed=form.values if form else {},
        anchors={"because": "because", "service": "service"},
        services=load_services(),
        back="/ventanilla",
    )


@dataclass(frozen=True, slots=True)
class QueueLength:
    """A queue of the unit: how many wait, and since when the one who has waited longest."""

    service: str
    count: int
    since: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Lists:
    """Whom the page shows: the ticket at the counter, who waits, who comes back, who left, who waits for a closed
    room; the queues of the unit, and where a person can be sent on to."""

    current: TicketView | None
    waiting: Sequence[TicketView]
    more: int
    set_aside: Sequence[TicketView]
    absent: Sequence[TicketView]
    left: Sequence[TicketView]
    queues: Sequence[QueueLength]
    others: Sequence[tuple[str, str]]
    calls_left: int


async def _lists(tx: AsyncSession, actor: Staff, seat: CounterView) -> Lists:
    if not actor.works_at(seat.unit_id):  # they were moved to another unit meanwhile: all that is left is to close
        return Lists(None, [], 0, [], [], [], [], [], 0)
    services = seat.services or []
    tickets = await tickets_of_day(tx, actor, seat.unit_id)
    current = next((one for one in tickets if one.id == seat.ticket_id), None)
    mine = [one for one in tickets if one.service in services and one.room in (None, seat.counter)]
    waiting = [one for one in mine if one.status == "waiting"]
    counters = await counters_of(tx, actor, seat.unit_id)
    attended = {one.counter for one in counters if one.status is not None}
    terms = await queue_terms(tx, actor, seat.unit_id)
    here = await attended_services(tx, actor, seat.unit_id)
    names = {name: service_name(name) for names in here.values() for name in names}
    return Lists(
        current=current,
        waiting=waiting[:SHOWN_WAITING],
        more=max(0, len(waiting) - SHOWN_WAITING),
        set_aside=[one for one in mine if one.status == "parked"],
        absent=[one for one in tickets if one.status in WAITS and one.room is not None and one.room not in attended],
        left=await tickets_left_lately(tx, actor, seat.unit_id, services, limit=SHOWN_LEFT),
        queues=queue_lengths(tickets, services),
        others=[
            (name, words)
            for name, words in sorted(names.items(), key=lambda pair: pair[1])
            if current is not None and name != current.service
        ],
        calls_left=_calls_left(current, terms),
    )


def _calls_left(current: TicketView | None, terms: dict[str, QueueTerms]) -> int:
    if current is None:
        return 0
    return max(0, terms.get(current.service, QueueTerms()).calls - current.calls)


def queue_lengths(tickets: Sequence[TicketView], services: Sequence[str]) -> list[QueueLength]:
    """The queues in which someone waits and those of one's own services, the longest wait first."""
    waiting = sorted((one for one in tickets if one.status == "waiting"), key=attrgetter("service", "arrived_at"))
    found = []
    for service, group in groupby(waiting, key=attrgetter("service")):
        rows = list(group)
        found.append(QueueLength(service, len(rows), rows[0].arrived_at, service in services))
    return sorted(found, key=lambda one: (not one.is_mine, one.since))


@dataclass(frozen=True, slots=True)
class Beside:
    """What opens beside a ticket: its person, their appointment, and the requests that this reader may see.
    `may_open`: whether the reader has the pages of people and requests."""

    person: Any
    appointment: Any
    requests: Sequence[Any]
    may_open: bool


async def _beside(tx: AsyncSession, actor: Staff, ticket: TicketView) -> Beside:
    person = await find_person(tx, ticket.person_id) if ticket.person_id else None
    appointment = None
    if ticket.appointment_folio is not None:
        with suppress(NotFound):
            appointment = await own_appointment(tx, actor, ticket.appointment_folio)
    works = may(actor, Action.WORK_REQUESTS)
    rows = await people.requests_of(tx, actor, person.id) if works and person is not None else []
    own = [one for one in rows if _belongs(one, ticket)]
    others = [one for one in rows if one.kind != "final" and one not in own]
    return Beside(person, appointment, [*own, *others][:SHOWN_REQUESTS], works)


def _belongs(row: Any, ticket: TicketView) -> bool:
    """Whether a ticket is of this request: taken for it, or for the visit that is a step of it."""
    is_visit = row.appointment_folio is not None and row.appointment_folio == ticket.appointment_folio
    return bool(row.folio == ticket.request_folio or is_visit)


async def show_closed(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    *,
    form: EffectForm | None = None,
    problem: Problem | None = None,
    asked: str | None = None,
) -> Response:
    """The page of who sits nowhere: choose the unit, the place and what is attended."""
    choice = await desk_choice(tx, browser, actor, asked)
    unit = choice.unit
    here = await attended_services(tx, actor, unit.id) if unit else {}
    names = sorted({name for names in here.values() for name in names} | {"window"}, key=service_name)
    tickets = await tickets_of_day(tx, actor, unit.id) if unit else []
    return show(
        request,
        browser,
        "staff/counter_closed.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        choice=choice,
        unit=unit,
        counters=await counters_of(tx, actor, unit.id) if unit else [],
        offered=[(name, service_name(name)) for name in names],
        queues=queue_lengths(tickets, []),
        words=desk_labels,
        typed=form.values if form else {},
        ticked=form.getlist("service") if form else [],
        anchors={"counter": "counter", "service": "service"},
        here=PAGE,
        back="/ventanilla",
    )
