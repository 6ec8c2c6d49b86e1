"""The roll-up: the same sums whatever the order, the batches and the repetitions, and the same as by hand."""

import statistics
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk import events as desk_events
from app.kernel import ids, positions
from app.kernel.consumer_runner import catch_up, prepare
from app.kernel.consumers import CONSUMERS, advance
from app.kernel.events import all_event_types
from app.savings import jobs
from app.savings.measures import MEASURES, TICKET_MEASURES
from app.savings.queries import cells, geography, versions
from app.savings.rules.metric_query import MetricQuery, plan
from app.savings.rules.uncertainty import draw_all, variance
from app.savings.service import estimates, rollup
from app.savings.service.estimates import ModelOptions
from app.savings.transactions import TYPES
from tests.appointments.factories import person, unit
from tests.conftest import Database
from tests.examples import examples
from tests.savings import factories
from tests.savings.by_hand import World, minutes_saved
from tests.savings.factories import TABLES, Happening, everything
from tests.savings.ticket_lives import lives

ZONES = ("America/Mexico_City", "America/Tijuana")
SERVICES = ("weeks", "complaint", "family-medicine")
SPAN = MetricQuery(date(2026, 1, 1), date(2026, 12, 31))


async def cell(session: AsyncSession, measure: str, **where: str) -> int:
    """The sum of a measure over the months' cells of regions."""
    wanted = {"period_type": "M", "geography": "R", "segment": ""} | where
    conditions = " AND ".join(f"{name} = :{name}" for name in wanted)
    return int(
        await session.scalar(text(f"SELECT coalesce(sum({measure}), 0) FROM saving_cell WHERE {conditions}"), wanted)
        or 0
    )


def stories(people: list[UUID], places: list[UUID]) -> st.SearchStrategy[list[Happening]]:
    """A few weeks of a few people: requests, appointments held, booked, moved and cancelled, visits, in any state."""
    seconds = st.integers(0, 400)
    minutes = st.integers(0, 80_000)
    who, where = st.sampled_from(people), st.sampled_from(places)
    channel = st.sampled_from(["web", "api", "desk", "phone"])

    def asked(
        who: UUID, where: UUID, service: str, at: int, spent: int, outcome: str | None, how: str, then: str
    ) -> list[Happening]:
        return factories.request(
            who,
            service=service,
            minutes=at,
            unit=where,
            seconds=spent,
            outcome=outcome,
            channel=how,
            submitted_on=then,
            lasts=at % 700,
        )

    def booked(who: UUID, where: UUID, at: int, spent: int, further: str | None) -> list[Happening]:
        hold, appointment = ids.new_id(), ids.new_id()
        shared: dict[str, Any] = {"person": who, "service": "family-medicine", "unit": where}
        steps = [Happening("seat.held", at, hold, seconds=spent, **shared)]
        said = {"folio": "C", "hold_id": str(hold)}
        steps.append(Happening("appointment.booked", at + 2, appointment, seconds=30, payload=said, **shared))
        if further:
            steps.append(Happening(further, at + 900, appointment, seconds=spent, payload={"folio": "C"}, **shared))
        return steps

    def came(who: UUID, where: UUID, at: int, service: str) -> list[Happening]:
        return factories.ticket(where, minutes=at, person=who, service=service)

    def stayed(who: UUID, where: UUID, at: int, steps: list[tuple[str, float]]) -> list[Happening]:
        return factories.ticket_life(where, *steps, minutes=at, person=who)

    outcome = st.sampled_from(["approved", "refused", None])
    further = st.sampled_from([None, "appointment.moved", "appointment.cancelled"])
    one = st.one_of(
        st.builds(asked, who, where, st.sampled_from(SERVICES[:2]), minutes, seconds, outcome, channel, channel),
        st.builds(booked, who, where, minutes, seconds, further),
        st.builds(came, who, where, minutes, st.sampled_from(SERVICES[:2])),
        st.builds(stayed, who, where, minutes, lives()),
        st.builds(
            lambda w, at: [Happening("seat.held", at, ids.new_id(), w, "family-medicine", seconds=9)], who, minutes
        ),
    )
    return st.lists(one, min_size=1, max_size=9).map(lambda lists: [event for events in lists for event in events])


@examples(
    10,
    phases=[Phase.generate],  # shrinking would deliver hundreds of batches
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_the_same_whatever_the_order_the_batches_and_the_repetitions(
    session: AsyncSession, data: st.DataObject
) -> None:
    """Late, repeated and out-of-order events; and every draw agrees with a sum over single transactions."""
    async with session.begin_nested() as savepoint:
        places = [(await unit(session, timezone=zone)).id for zone in ZONES]
        people = [(await person(session)).id for _ in range(3)]
        story = data.draw(stories(people, places))
        story = [Happening(**{**vars(h), "id": factories.event_id(h.at, number)}) for number, h in enumerate(story)]
        written = await factories.write(session, story)
        await factories.deliver(session, written)
        at_once = await everything(session)
        await session.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
        shuffled = data.draw(st.permutations(written))
        cut = data.draw(st.integers(0, len(shuffled)))
        again = data.draw(st.lists(st.sampled_from(written), max_size=4))
        for batch in (shuffled[:cut], shuffled[cut:] + again, again):
            await factories.deliver(session, batch)
        assert await everything(session) == at_once
        await compare_with_hand(session, story, {place: ZoneInfo(z) for place, z in zip(places, ZONES, strict=True)})
        await savepoint.rollback()


async def compare_with_hand(session: AsyncSession, story: list[Happening], zones: dict[UUID, ZoneInfo]) -> None:
    version = await factories.baseline(session, factories.parameters(spread=0.4))
    rows_of_windows = (await session.execute(text("SELECT service, days FROM saving_window"))).all()
    windows = {row.service: row.days for row in rows_of_windows}
    world = World(story, windows, zones).look()
    await compare_people(session, world)
    await compare_desks(session, world)
    await compare_online_minutes(session, world)
    baseline = await versions.baseline_of(session, version)
    drawn = draw_all(baseline.parameters.values(), 5, 3)
    by_hand = [minutes_saved(world.transactions, baseline, drawn, number) for number in range(5)]
    where = plan(SPAN)
    parts = await cells.group_totals(session, SPAN, where, estimates.READ)
    places = await geography.places_of(session, where.geography, set(parts.places))
    answer = estimates.compute(SPAN, baseline, parts, places, ModelOptions(version, 2025, 3, 5))
    expected = np.percentile(np.array(by_hand) / 60, [5, 50, 95])
    assert [answer.total.hours.low, answer.total.hours.median, answer.total.hours.high] == pytest.approx(expected)


async def compare_online_minutes(session: AsyncSession, world: World) -> None:
    """Mean and variance from the cells are those of the single transactions."""
    reported = "SELECT service, sum(observed) AS n, sum(seconds) AS total, sum(seconds_sq) AS squares FROM saving_cell"
    where = "period_type = 'M' AND geography = 'R' AND segment = '' AND channel IN ('web', 'api')"
    rows = await session.execute(text(f"{reported} WHERE {where} GROUP BY service HAVING sum(observed) > 0"))
    singles = world.online_seconds()
    found = {row.service: (int(row.n), int(row.total), int(row.squares)) for row in rows}
    assert {service: n for service, (n, _total, _squares) in found.items()} == {s: len(v) for s, v in singles.items()}
    for service, (n, total, squares) in found.items():
        assert total / n == pytest.approx(statistics.fmean(singles[service]))
        if n > 1:
            assert variance(n, total, squares) == pytest.approx(statistics.variance(singles[service]))


async def compare_desks(session: AsyncSession, world: World) -> None:
    """Sums of tickets by unit and service."""
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in TICKET_MEASURES)
    rows = await session.execute(
        text(f"SELECT place, service, {sums} FROM saving_ticket_cell WHERE geography = 'U' GROUP BY 1, 2")
    )
    found = {
        (UUID(row.place), row.service): {name: getattr(row, name) for name in TICKET_MEASURES if getattr(row, name)}
        for row in rows
    }
    assert found == world.desk_sums()


async def compare_people(session: AsyncSession, world: World) -> None:
    """Days, weeks and months add up to the same; in each, who has a transaction of a service counts once."""
    plain = [name for name in MEASURES if name != "people"]
    reported = f"SELECT place, service, channel, {', '.join(f'sum({name})' for name in plain)} FROM saving_cell"
    of_period_type = text(
        f"{reported} WHERE period_type = :period_type AND geography = 'S' AND segment = '' GROUP BY 1, 2, 3 ORDER BY 1,"
        f" 2, 3"
    )
    by_month = (await session.execute(of_period_type, {"period_type": "M"})).all()
    people = text(
        "SELECT period, service, sum(people) FROM saving_cell WHERE period_type = :period_type AND geography = 'R'"
        " AND segment = ''"
        " GROUP BY 1, 2 HAVING sum(people) > 0"
    )
    for period_type in ("D", "W", "M"):
        assert (await session.execute(of_period_type, {"period_type": period_type})).all() == by_month
        counted = {
            (row[0], row[1]): int(row[2]) for row in (await session.execute(people, {"period_type": period_type})).all()
        }
        assert counted == world.people(period_type)


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_a_rebuild_changes_nothing(db: Database) -> None:
    """From the log alone, in other batches, comes what the consumer had added up."""
    assert jobs.roll_up is not None
    async with db.transaction() as session:
        places = [(await unit(session)).id for _ in range(2)]
        people = [(await person(session)).id for _ in range(5)]
        for number in range(40):
            who, where = people[number % 5], places[number % 2]
            outcome = ("approved", "refused", None)[number % 3]
            await factories.write(
                session,
                factories.request(
                    who, minutes=number * 1_000, unit=where, outcome=outcome, service=SERVICES[number % 2]
                ),
            )
            await factories.write(
                session, factories.ticket(where, minutes=number * 900, person=who, service="complaint")
            )
        undone = ("called", 5), ("no-answer", 8), ("returned", 12), ("called", 20), ("served", 21)
        await factories.write(
            session, factories.ticket_life(places[0], *undone, ("to complaint", 30), ("closed", 90), person=people[0])
        )
    await positions.assign_pending_positions()
    async with db.transaction() as session:
        assert await prepare(session, CONSUMERS[rollup.NAME])
        half = await advance(CONSUMERS[rollup.NAME], session, batch=60)
    await catch_up(rollup.NAME, batch=90)
    async with db.transaction() as session:
        before = await everything(session)
        assert half.events == 60
        assert len(before["service_transaction"]) == 40
        # The person's data change afterwards: what was measured stays as it was.
        await session.execute(text("UPDATE person SET language = 'en', birth_on = birth_on - 9000"))
    async with db.transaction() as session:
        assert await rollup.rebuild(session, 70) == 40 * 3 - 13 + 40 * 3 + 8
        assert await everything(session) == before


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_a_change_of_the_person_counts_from_tomorrow_on(db: Database) -> None:
    async with db.transaction() as session:
        who = (await person(session)).id
        await factories.write(session, factories.request(who))
    await catch_up(rollup.NAME)
    async with db.transaction() as session:
        await session.execute(text("UPDATE person SET language = 'en'"))
        await factories.write(session, factories.request(who, minutes=50_000))
    await catch_up(rollup.NAME)
    async with db.transaction() as session:
        assert await cell(session, "started", segment="language", segment_value="es") == 2
        assert await cell(session, "started", segment="language", segment_value="en") == 0
        profiles = await session.scalar(text("SELECT count(*) FROM saving_profile"))
        assert profiles == 2


async def test_a_repeat_in_the_window_and_a_visit_afterwards_save_nothing(session: AsyncSession) -> None:
    """Ten looks at a certificate are not ten visits; who comes for it all the same was saved none."""
    where, who, other = (await unit(session)).id, (await person(session)).id, (await person(session)).id
    for number in range(10):
        await factories.happen(session, *factories.request(who, minutes=number * 60, unit=where))
    await factories.happen(session, *factories.request(other, unit=where))
    assert (await cell(session, "completed"), await cell(session, "counted")) == (11, 2)
    await factories.happen(session, *factories.ticket(where, minutes=3_000, person=other))
    assert (await cell(session, "counted"), await cell(session, "followed_by_visit")) == (1, 1)
    assert await cell(session, "people") == 2


async def test_who_cancels_and_books_again_within_a_day_is_spared_one_trip(session: AsyncSession) -> None:
    """Three bookings in a morning are one; the next one, two days later, is another."""
    who, where = (await person(session)).id, (await unit(session)).id
    shared: dict[str, Any] = {"person": who, "service": "family-medicine", "unit": where, "seconds": 30}
    for minutes in (0, 10, 20, 2_900):
        booked = Happening("appointment.booked", minutes, ids.new_id(), payload={"folio": "C"}, **shared)
        await factories.happen(session, booked)
    assert (await cell(session, "completed"), await cell(session, "counted")) == (4, 2)
    assert await cell(session, "repeats") == 2


async def test_an_event_that_comes_late_moves_the_transaction_to_its_month(session: AsyncSession) -> None:
    """A decision reported after the next month's sums were made moves what it decided, and leaves no empty cell."""
    who = (await person(session)).id
    known = ids.new_id()
    opened = factories.request(who, outcome=None, subject=known)
    await factories.happen(session, *opened)
    decided = factories.request(who, minutes=60_000, subject=known)[-1]
    await factories.happen(session, decided)
    months = (
        await session.execute(text("SELECT DISTINCT period, started FROM saving_cell WHERE period_type = 'M'"))
    ).all()
    assert [(month, started) for month, started in months] == [(date(2026, 4, 1), 1)]


async def test_tickets_give_waits_by_hour_whatever_came_first(session: AsyncSession) -> None:
    where = (await unit(session)).id
    events = [event for n in range(4) for event in factories.ticket(where, minutes=n * 60, wait=20 + n, attention=6)]
    events += factories.ticket(where, minutes=30, wait=50, attention=None)
    written = await factories.write(session, events)
    await factories.deliver(session, written[::-1][:7])
    await factories.deliver(session, written)
    reported = "SELECT geography, sum(tickets), sum(waited), sum(wait_seconds), sum(service_seconds), sum(gave_up)"
    rows = (
        await session.execute(text(f"{reported} FROM saving_ticket_cell GROUP BY geography ORDER BY geography"))
    ).all()
    assert [tuple(map(str, row)) for row in rows] == [
        (geography, "5", "4", str((20 + 21 + 22 + 23) * 60), str(4 * 360), "1") for geography in "RSU"
    ]
    hours = await session.scalars(text("SELECT hour FROM saving_ticket_cell WHERE geography = 'U' ORDER BY hour"))
    assert list(hours) == [10, 11, 12, 13]


async def test_attendance_and_surveys_are_the_last_reported(session: AsyncSession) -> None:
    who, where, appointment, hold = (await person(session)).id, (await unit(session)).id, ids.new_id(), ids.new_id()
    shared: dict[str, Any] = {"person": who, "service": "family-medicine", "unit": where}
    booked = Happening("appointment.booked", 0, appointment, payload={"hold_id": str(hold)}, seconds=5, **shared)
    said = [
        Happening(
            "appointment.feedback-given",
            n,
            appointment,
            payload={"would_have_visited": n > 1, "satisfaction": n + 1},
            **shared,
        )
        for n in (1, 2)
    ]
    missed = Happening("appointment.missed", 3, appointment, actor="staff", **shared)
    arrived = factories.ticket(where, minutes=4, person=who, service="family-medicine", appointment=appointment)
    held = Happening("seat.held", -1, hold, seconds=90, **shared)
    await factories.happen(session, *said[::-1], missed, held)
    assert (await cell(session, "missed"), await cell(session, "started")) == (1, 1)
    await factories.happen(session, booked, *arrived)
    seen = [
        await cell(session, name)
        for name in ("started", "seconds", "attended", "missed", "asked", "would_have_visited", "rating")
    ]
    assert seen == [1, 95, 1, 0, 1, 1, 3]


async def test_who_was_recorded_as_absent_by_mistake_came(session: AsyncSession) -> None:
    who, appointment = (await person(session)).id, ids.new_id()
    shared: dict[str, Any] = {"person": who, "service": "family-medicine", "actor": "staff"}
    booked = Happening("appointment.booked", 0, appointment, payload={"folio": "C"}, **shared)
    for number, outcome in enumerate(("missed", "attended"), 1):
        await factories.happen(session, *([booked] if number == 1 else []))
        await factories.happen(session, Happening(f"appointment.{outcome}", number, appointment, **shared))
        assert await cell(session, outcome) == 1
    assert await cell(session, "missed") == 0


async def test_refusals_are_counted_by_reason(session: AsyncSession) -> None:
    who = (await person(session)).id
    await factories.happen(session, *factories.request(who, outcome="refused", reasons=["not-legible", "not-yours"]))
    rows = (await session.execute(text("SELECT reason, times FROM saving_reason_cell ORDER BY reason"))).all()
    assert [tuple(row) for row in rows] == [("not-legible", 1), ("not-yours", 1)]


def test_every_type_the_measurement_reads_is_one_that_is_recorded() -> None:
    assert desk_events.TicketArrived.type in TYPES
    assert set(TYPES) <= {fact.type for fact in all_event_types()}
