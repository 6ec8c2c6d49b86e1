"""The demonstration's year of history: the same for the same seed, plausible, rolled up exactly, notified to no one."""

import json
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.appointments.events import HoldReleased
from app.catalog.loader import load_services
from app.commands.run import import_jobs
from app.demo.history.calibration import catch_up_with_history
from app.demo.history.days import Span, year_before
from app.demo.history.generator import simulate, write_history
from app.demo.history.log import NAMES
from app.demo.history.plans import PLANS
from app.demo.history.population import Member, Population, StaffPool, clinic
from app.demo.history.ticket_log import ATTENDED
from app.demo.load import STAFF
from app.desk.rules.tickets import ENDED, TicketAction, TicketStatus, step
from app.desk.service.day_end import units_with_ended_days
from app.kernel import events, ids
from app.kernel.actor import System
from app.kernel.consumer_runner import catch_up
from app.kernel.consumers import CONSUMERS, Event, consumer
from app.places.calendar import federal_holidays
from app.places.queries import DEMONSTRATION, is_demonstration
from app.savings import transactions
from app.savings.queries import versions
from app.savings.service import calibration, rollup
from tests.appointments import factories
from tests.conftest import Database
from tests.demo.factories import people_of_two_units

TODAY = date(2026, 11, 26)
ZONES = ("America/Mexico_City", "America/Tijuana", "America/Cancun")
POSITION = "SELECT min(position) FROM event_consumer WHERE name = '{0}'"
HISTORY = "SELECT count(*) FROM event_position WHERE position <= 0"
DESK = ("ticket.arrived", "appointment.missed")


def cast(people: int = 400) -> Population:
    rng = random.Random(1)
    clinics = [clinic(rng, number, UUID(int=number + 1), ZONES[number % 3]) for number in range(8)]
    members = [
        Member(UUID(int=1_000 + n), rng.choice(clinics), date(1940 + n % 80, 1 + n % 12, 1), None)
        for n in range(people)
    ]
    return Population(members, StaffPool(UUID(int=101), UUID(int=102), UUID(int=103)))


def span(days: int | None = None) -> Span:
    since, until = year_before(TODAY, days)
    return Span(since, until, frozenset(federal_holidays(since, date(2027, 12, 31))))


def log_rows(seed: int = 7, *, people: int = 400, days: int | None = None) -> list[dict[str, Any]]:
    return [dict(zip(NAMES, row, strict=True)) for row in simulate(cast(people), span(days), seed).events]


@pytest.fixture(scope="module")
def year() -> list[dict[str, Any]]:
    return log_rows()


def test_the_same_seed_gives_the_same_and_another_something_else() -> None:
    once = log_rows(people=40)
    assert once == log_rows(people=40)
    assert once != log_rows(8, people=40)


def test_it_grows_with_the_people_and_ends_yesterday(year: list[dict[str, Any]]) -> None:
    assert year_before(TODAY) == (date(2025, 11, 1), date(2026, 11, 25))
    assert len(log_rows(people=40)) * 5 < len(year) < len(log_rows(people=40)) * 20
    assert 15 < len(year) / 400 < 30
    last = max(event["at"] for event in year)
    assert last < datetime(2026, 11, 26, 0, 0, tzinfo=ZoneInfo("America/Mexico_City"))
    few = log_rows(days=10)
    assert 0 < len(few) < len(year) / 10
    assert min(event["at"] for event in few) > datetime(2026, 11, 15, tzinfo=UTC)


def test_ids_are_of_the_instant_and_in_its_order(year: list[dict[str, Any]]) -> None:
    assert [event["id"] for event in year] == sorted(event["id"] for event in year)
    assert len({event["id"] for event in year}) == len(year)
    for event in year:
        assert event["id"].version == 7
        assert event["id"].int >> 80 == int(event["at"].timestamp() * 1000)


def test_months_are_plausible(year: list[dict[str, Any]]) -> None:
    days = Counter((event["at"].year, event["at"].month) for event in year)
    assert len(days) == 13
    assert days[2025, 12] < min(days[2025, 11], days[2026, 1]), "people rest at the end of the year"
    online = {
        half: sum(event["channel"] in ("web", "api") for event in year if event["at"].month in half)
        for half in ((1, 2, 3), (8, 9, 10))
    }
    assert online[8, 9, 10] > 1.2 * online[1, 2, 3], "online grows"


def test_outcomes_are_plausible(year: list[dict[str, Any]]) -> None:
    said = Counter(event["type"] for event in year)
    came = said["ticket.arrived"] + said["appointment.missed"]
    assert 0.08 < said["appointment.missed"] / came < 0.2
    assert 0.01 < (said["ticket.arrived"] - said["ticket.served"]) / said["ticket.arrived"] < 0.1
    decided = [event["payload"] for event in year if event["type"] == "request.decided"]
    assert 0.04 < sum('"refused"' in payload for payload in decided) / len(decided) < 0.15
    assert 0.6 < sum('"straight_through": true' in payload for payload in decided) / len(decided) < 0.95
    devices = Counter(event["device"] for event in year if event["type"] == "request.started")
    assert devices["phone"] > 2 * devices["computer"] > devices["tablet"] > 0
    assert {event["service"] for event in year if event["type"] == "request.decided"} >= {"vigencia", "dependant-add"}
    assert said["request.feedback-given"] > 0
    assert said["appointment.feedback-given"] > 0


def test_desks_attend_on_working_days_while_they_are_open(year: list[dict[str, Any]]) -> None:
    rest = span().rest
    for event in year:
        # What isn't recorded by the evening is ended by the job of the night.
        if event["type"] in DESK and event["actor_kind"] == "staff":
            assert event["at"].weekday() < 5
            assert event["at"].date() not in rest
            assert 7 <= event["at"].hour <= 22


def steps_of(year: list[dict[str, Any]], kind: str) -> dict[UUID, list[tuple[str, dict[str, Any]]]]:
    """The events of each ticket or appointment, in order, with what they say."""
    found: dict[UUID, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for event in year:
        if event["type"].startswith(kind):
            found[event["subject_id"]].append((event["type"], json.loads(event["payload"])))
    return found


ACTIONS = {
    "ticket.called": TicketAction.CALL,
    "ticket.served": TicketAction.SERVE,
    "ticket.parked": TicketAction.PARK,
    "ticket.returned": TicketAction.RETURN,
    "ticket.transferred": TicketAction.TRANSFER,
}


def test_every_ticket_lives_by_the_table_of_transitions(year: list[dict[str, Any]]) -> None:
    tickets = steps_of(year, "ticket.")
    outcomes: Counter[str] = Counter()
    for steps in tickets.values():
        assert steps[0][0] == "ticket.arrived"
        instants = [datetime.fromisoformat(payload["happened_at"]) for _type, payload in steps]
        assert instants == sorted(instants)
        status = TicketStatus.WAITING
        for kind, payload in steps[1:]:
            outcome = payload.get("outcome")
            ends = TicketAction.FINISH if outcome == "done" else TicketAction.LEAVE
            status = step(status, TicketAction.RECORD if outcome == "unended" else ACTIONS.get(kind, ends))
        assert status in ENDED
        outcomes[steps[-1][1]["outcome"]] += 1
    assert set(outcomes) == {"done", "no-answer", "gave-up", "redirected", "closed", "unended"}
    assert {kind for steps in tickets.values() for kind, _payload in steps} == {
        "ticket.arrived",
        "ticket.left",
        *ACTIONS,
    }
    assert outcomes["closed"] < outcomes["gave-up"] * 2 < outcomes["done"] / 5


def test_only_who_never_came_is_missed_and_who_came_is_attended_or_left_unserved(year: list[dict[str, Any]]) -> None:
    came = {
        steps[0][1]["appointment_id"]: steps[-1][1]["outcome"]
        for steps in steps_of(year, "ticket.").values()
        if steps[0][1]["appointment_id"] is not None
    }
    ends = {
        str(subject): [kind for kind, _payload in steps if kind.split(".")[1] in ("attended", "missed", "unserved")]
        for subject, steps in steps_of(year, "appointment.").items()
    }
    for appointment, outcome in came.items():
        assert ends.pop(appointment) == [f"appointment.{'attended' if outcome in ATTENDED else 'unserved'}"], outcome
    others = Counter(kind for kinds in ends.values() for kind in kinds)
    assert set(others) == {"appointment.missed"}


def test_waits_follow_from_who_comes_when(year: list[dict[str, Any]]) -> None:
    waits: dict[str, list[float]] = defaultdict(list)
    for steps in steps_of(year, "ticket.").values():
        instants = {kind: datetime.fromisoformat(payload["happened_at"]) for kind, payload in reversed(steps)}
        if "ticket.called" not in instants:
            continue
        hour = instants["ticket.arrived"].hour
        if steps[0][1]["walk_in"]:
            wait = (instants["ticket.called"] - instants["ticket.arrived"]).total_seconds() / 60
            waits["noon" if 10 <= hour < 12 else "evening" if hour >= 17 else "other"].append(wait)
    assert median(waits["noon"]) > 1.5 * median(waits["evening"])
    assert 8 < median(wait for many in waits.values() for wait in many) < 50


def test_every_event_is_one_the_portal_records_and_every_service_has_a_history(year: list[dict[str, Any]]) -> None:
    known = {fact.type for fact in events.all_event_types()}
    assert {event["type"] for event in year} <= known
    assert set(PLANS) == set(load_services())


async def ask(db: Database, query: str) -> Any:
    async with db.transaction() as session:
        return await session.scalar(text(query))


async def load(db: Database, **more: Any) -> int:
    async with db.transaction() as session:
        written = await write_history(session, **more)
    await catch_up_with_history(is_new=written > 0)
    return written


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_it_is_rolled_up_exactly_notified_to_no_one_and_written_once(db: Database) -> None:
    await people_of_two_units(db, 60)
    import_jobs()
    async with db.transaction() as session:
        await events.record(session, System("test"), HoldReleased(subject_id=ids.new_id()))
    await catch_up("savings")  # an earlier demonstration: the roll-up has gone on already
    assert await ask(db, POSITION.format("savings")) > 0
    written = await load(db)
    assert written > 500
    assert await ask(db, HISTORY) == written

    cells = "SELECT sum({0}) FROM saving_cell WHERE period_type = 'M' AND geography = 'R' AND segment = ''"
    same = {
        "attended": "type = 'ticket.arrived' AND payload->>'appointment_id' IS NOT NULL",
        "missed": "type = 'appointment.missed'",
        "rated": "type LIKE '%.feedback-given'",
        "visits": "type = 'request.visit-attended'",
    }
    for measure, condition in same.items():
        found = await ask(db, f"SELECT count(*) FROM event WHERE {condition}")
        assert await ask(db, cells.format(measure)) == found, measure
    arrived = await ask(db, "SELECT count(*) FROM event WHERE type = 'ticket.arrived'")
    assert await ask(db, "SELECT sum(tickets) FROM saving_ticket_cell WHERE geography = 'R'") == arrived
    assert await ask(db, "SELECT count(*) FROM saving_access_reading") > 1_000

    # The desk has the tickets of the last months, numbered from one, and none is open.
    recent = """SELECT count(*), count(*) FILTER (WHERE ended_at IS NULL OR status NOT IN ('done', 'left')),
        count(*) FILTER (WHERE NOT EXISTS (
            SELECT FROM event e WHERE e.subject_id = t.id AND e.type = 'ticket.left')) FROM desk_ticket t"""
    async with db.transaction() as session:
        tickets, still_open, without_end = (await session.execute(text(recent))).one()
        assert await units_with_ended_days(session) == []
    assert arrived / 8 < tickets < arrived / 2
    assert (still_open, without_end) == (0, 0)
    gaps = """SELECT count(*) FROM (SELECT max(t.number) <> count(*) OR max(n.last) <> count(*) AS has_gap
        FROM desk_ticket t JOIN desk_number n USING (unit_id, on_date, letter) GROUP BY unit_id, on_date, letter) x
        WHERE has_gap"""
    assert await ask(db, gaps) == 0
    async with db.transaction() as session:
        queues = set(await session.scalars(text("SELECT service FROM desk_queue")))
        assert queues == set(await session.scalars(text("SELECT service FROM desk_ticket")))
    assert {"family-medicine", "window"} <= queues <= {"family-medicine", "window", "dental", "preventive"}

    # What really happened before is still to be read; of the history no one hears.
    await catch_up()
    assert await ask(db, "SELECT count(*) FROM message") == 0
    assert await ask(db, "SELECT count(*) FROM dead_letter_event") == 0

    everything = "SELECT sum(transactions + seconds + completed * 3) FROM saving_cell"
    sums = await ask(db, everything)
    assert await load(db) == 0
    assert await ask(db, HISTORY) == written
    async with db.transaction() as session:
        await rollup.rebuild(session)
    assert await ask(db, everything) == sums


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_consumers_begin_after_it_and_hear_what_happened(db: Database) -> None:
    await people_of_two_units(db, 12)
    heard: list[tuple[str, UUID]] = []

    def listen(name: str) -> None:
        @consumer(name, ("staff.added", "ticket.arrived"))
        async def hear(_session: Any, event: Event) -> None:
            heard.append((name, event.id))

    try:
        listen("ahead")
        await catch_up("ahead")  # an earlier demonstration: this one has read all there was
        assert len(heard) == len(STAFF)
        listen("behind")
        assert await load(db, days=60) > 0
        await catch_up("ahead", "behind")
        before_the_first = await ask(db, "SELECT min(position) FROM event_consumer")
    finally:
        for name in ("ahead", "behind"):
            CONSUMERS.pop(name, None)
    assert before_the_first > 0
    assert Counter(name for name, _event in heard) == {"ahead": len(STAFF), "behind": len(STAFF)}


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_measured_figures_are_named_as_demonstration(db: Database) -> None:
    await people_of_two_units(db, 60)
    async with db.transaction() as session:
        assert await write_history(session) > 0
    assert await load(db) == 0  # interrupted there, the next start goes on
    async with db.transaction() as session:
        assert await versions.newest_version(session) == 2
        measured = [f for f in await versions.parameters_of(session, 2) if f.confidence == "measured"]
        notes = [row.note for row in await versions.list_baselines(session)]
    assert measured
    appointments = transactions.services_of(*transactions.APPOINTMENTS)
    assert not [f for f in measured if f.key in calibration.AT_A_DESK and f.scope in appointments]
    assert all(parameter.source.startswith("Datos de demostración, inventados · ") for parameter in measured)
    assert notes[0] == "Cifras medidas en datos de demostración"


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_no_history_where_none_is_wanted_or_no_one_is(db: Database) -> None:
    assert await load(db) == 0
    await people_of_two_units(db, 4)
    assert await load(db, days=0) == 0
    assert await ask(db, HISTORY) == 0


async def test_units_of_the_demonstration_mark_all_that_is_counted(session: Any) -> None:
    assert not await is_demonstration(session)
    await factories.unit(session)
    assert not await is_demonstration(session)
    await factories.unit(session, name=f"UMF 2 {DEMONSTRATION}")
    assert await is_demonstration(session)
