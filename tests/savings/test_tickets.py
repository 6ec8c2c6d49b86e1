"""What a ticket is to the measurement: what follows from its steps, in whatever order they come."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.savings.measures import TICKET_MEASURES
from tests.appointments.factories import unit
from tests.examples import examples
from tests.savings import factories
from tests.savings.factories import TABLES, Happening, ask, everything
from tests.savings.ticket_lives import lives

CALL, SERVE = ("called", 20.0), ("served", 21.0)
DONE = ("done", 31.0)


async def sums(session: AsyncSession, *steps: tuple[str, float], where: UUID | None = None) -> dict[str, int]:
    """What a ticket that comes for `weeks` adds up to at its unit; nothing else is at any."""
    here = where or (await unit(session)).id
    await factories.happen(session, *factories.ticket_life(here, *steps))
    of_unit = f"SELECT service, {', '.join(TICKET_MEASURES)} FROM saving_ticket_cell WHERE geography = 'U'"
    rows = (await session.execute(text(of_unit))).all()
    assert [row.service for row in rows] == ["weeks"]
    return {name: getattr(rows[0], name) for name in TICKET_MEASURES if not name.endswith("_sq")}


def counted(found: dict[str, int]) -> dict[str, float]:
    """What isn't zero, times in minutes."""
    return {name: n / 60 if name.endswith("_seconds") else n for name, n in found.items() if n}


BASE = {"tickets": 1, "walk_ins": 1}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [CALL, SERVE, DONE],
            {"waited": 1, "wait_seconds": 21, "attended": 1, "service_seconds": 10, "stayed": 1, "stay_seconds": 31},
            id="attended",
        ),
        pytest.param(
            [("called", 5), ("parked", 6), ("returned", 15), CALL, SERVE, DONE],
            {"waited": 1, "wait_seconds": 21, "attended": 1, "service_seconds": 10, "stayed": 1, "stay_seconds": 31},
            id="called, parked and called again: the wait is that to the service",
        ),
        pytest.param(
            [("called", 5), ("no-answer", 8), ("returned", 12), CALL, SERVE, DONE],
            {"waited": 1, "wait_seconds": 21, "attended": 1, "service_seconds": 10, "stayed": 1, "stay_seconds": 31},
            id="away, then there after all",
        ),
        pytest.param([("gave-up", 50), ("returned", 55)], {}, id="back, and still waiting"),
        pytest.param(
            [CALL, SERVE, ("to complaint", 31), ("called", 60), ("served", 61), ("done", 66)],
            {"waited": 1, "wait_seconds": 21, "attended": 1, "service_seconds": 15, "stayed": 1, "stay_seconds": 66},
            id="sent on: one ticket of the service it came for, without the second wait",
        ),
        pytest.param(
            [CALL, ("no-answer", 30)], {"stayed": 1, "stay_seconds": 30}, id="never served: no wait, and none of zero"
        ),
        pytest.param([("gave-up", 50)], {"gave_up": 1, "stayed": 1, "stay_seconds": 50}, id="tired of waiting"),
        pytest.param([("closed", 900)], {"unserved": 1}, id="left unserved: when they went away isn't known"),
        pytest.param(
            [CALL, SERVE, ("unended", 900)],
            {"waited": 1, "wait_seconds": 21},
            id="served, and nobody recorded the end",
        ),
        pytest.param(
            [CALL, DONE],
            {"waited": 1, "wait_seconds": 20, "stayed": 1, "stay_seconds": 31},
            id="of a desk that reports calls alone",
        ),
        pytest.param(
            [("called", -9), ("served", -8), ("done", 2)],
            {"attended": 1, "service_seconds": 10, "stayed": 1, "stay_seconds": 2, "clock_wrong": 1},
            id="the counter's clock is behind: no negative wait",
        ),
        pytest.param(
            [CALL, SERVE, ("done", 15)],
            {"waited": 1, "wait_seconds": 21, "stayed": 1, "stay_seconds": 15, "clock_wrong": 1},
            id="left before it was served",
        ),
        pytest.param(
            [("served", -20), ("done", -10)],
            {"attended": 1, "service_seconds": 10, "clock_wrong": 1},
            id="away before it came",
        ),
    ],
)
async def test_sums_of_a_ticket(
    session: AsyncSession, steps: list[tuple[str, float]], expected: dict[str, float]
) -> None:
    assert counted(await sums(session, *steps)) == BASE | expected


@examples(
    12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_the_same_ticket_in_any_order_and_however_often(session: AsyncSession, data: st.DataObject) -> None:
    async with session.begin_nested() as savepoint:
        where = (await unit(session)).id
        life = factories.ticket_life(where, *data.draw(lives()), person=ids.new_id())
        life = [Happening(**{**vars(step), "id": factories.event_id(step.at, n)}) for n, step in enumerate(life)]
        written = await factories.write(session, life)
        for one in written:
            await factories.deliver(session, [one])
        in_order = await everything(session)
        await session.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
        doubled = data.draw(st.permutations(written + data.draw(st.lists(st.sampled_from(written), max_size=5))))
        cut = data.draw(st.integers(0, len(doubled)))
        for batch in (doubled[:cut], doubled[cut:]):
            await factories.deliver(session, batch)
        assert await everything(session) == in_order
        assert len(in_order["ticket"]) == 1
        await savepoint.rollback()


async def test_the_arrival_that_was_recorded_last_says_whose_ticket_it_is_and_for_what(session: AsyncSession) -> None:
    """A number that took its person's appointment, and one whose wrong person was corrected."""
    where, ticket = (await unit(session)).id, ids.new_id()
    who, other, appointment = ids.new_id(), ids.new_id(), ids.new_id()
    for person, folio, expected in ((None, None, True), (who, appointment, False), (other, None, True)):
        (arrived,) = factories.ticket_life(where, person=person, subject=ticket)
        said = arrived.payload | {"walk_in": folio is None, "appointment_id": str(folio) if folio else None}
        again = Happening(**{**vars(arrived), "payload": said, "id": ids.new_id()})
        written = await factories.write(session, [again])
        await factories.deliver(session, written)
        row = (await session.execute(text("SELECT person_id, appointment_id, walk_in FROM ticket"))).one()
        assert row == (person, folio, expected)


async def test_a_ticket_that_was_sent_on_before_its_arrival_is_known_is_one_of_the_service_it_came_for(
    session: AsyncSession,
) -> None:
    where = (await unit(session)).id
    arrived, *others = factories.ticket_life(where, CALL, SERVE, ("to complaint", 31))
    await factories.happen(session, *others)
    assert await session.scalar(text("SELECT service FROM ticket")) == "weeks"
    assert not await session.scalar(text("SELECT count(*) FROM saving_ticket_cell")), "it isn't known when it came"
    await factories.happen(session, arrived)
    assert await session.scalar(text("SELECT service FROM ticket")) == "weeks"


async def test_people_left_unserved_are_a_share_of_all_who_came(session: AsyncSession) -> None:
    where = (await unit(session)).id
    shared: dict[str, Any] = {"minutes": 30}
    await factories.happen(session, *factories.ticket_life(where, ("closed", 60), **shared))
    for _ in range(3):
        await factories.happen(session, *factories.ticket_life(where, CALL, SERVE, DONE, **shared))
    await factories.happen(session, *factories.ticket_life(where, ("served", -9), DONE, **shared))
    for metric, share in (("unserved", 0.2), ("clock-wrong", 0.2), ("gave-up", 0.0)):
        reported = (await ask(session, metric))[()]
        assert (reported.value, reported.n) == (share, 5), metric
    stay = (await ask(session, "stay"))[()]
    assert (stay.value, stay.n) == (31, 4)
    assert (await ask(session, "wait"))[()].n == 3
