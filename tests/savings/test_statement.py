"""What the portal saved one person, and what their corrections change, for them and for everyone."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.kernel.actor import Assurance, Citizen
from app.kernel.problems import NotFound
from app.places.rules import DEFAULT_ZONE
from app.savings.measures import Correction, Outcome
from app.savings.problems import CorrectionClosed, TransactionUnknown
from app.savings.rules.parameters import Baseline
from app.savings.rules.statement import OwnTransaction, is_correctable, saved_of
from app.savings.service import statement
from app.savings.service.statement import Line
from tests.appointments.factories import person, unit
from tests.savings import factories
from tests.savings.factories import FIXED, Happening
from tests.savings.recently import RECENTLY, TOO_LONG_AGO, WHEN, YEAR

VISIT_MINUTES = FIXED["travel_minutes"] + FIXED["wait_minutes"] + FIXED["service_minutes"]
IN_PERSON = FIXED["visits"] * VISIT_MINUTES + FIXED["preparation_minutes"]
SPENT = FIXED["visits"] * FIXED["fare"] + FIXED["copies"]


def own(answer: bool | None, seconds: int, *, is_counted: bool = True) -> OwnTransaction:
    counted = int(is_counted)
    sums = {"counted": counted, "located": 0, "metres": 0, "seconds": seconds, "online": 1, "visits": 0}
    return OwnTransaction(
        id=ids.new_id(),
        service="weeks",
        day=WHEN.date(),
        at=WHEN,
        timezone=DEFAULT_ZONE,
        unit_id=None,
        outcome=Outcome.COMPLETED if is_counted else Outcome.ABANDONED,
        is_repeat=False,
        is_followed_by_visit=False,
        correction=None,
        corrected_at=None,
        would_have_visited=answer,
        sums=sums | {"observed": int(seconds > 0)},
    )


OWN = st.builds(own, st.sampled_from([True, False, None]), st.integers(0, 3_000), is_counted=st.booleans())


@given(st.lists(OWN, min_size=1, max_size=8))
def test_an_answer_takes_the_place_of_the_share(transactions: list[OwnTransaction]) -> None:
    """Each by itself: yes is the whole visit, no none of it, and no answer the share of everyone."""
    baseline = Baseline(1, factories.parameters(), {})
    total, each = saved_of(transactions, baseline, {}, 2025)
    share = {True: 1.0, False: 0.0, None: FIXED["would_have_visited"]}
    for one, saved in zip(transactions, each, strict=True):
        online = one.sums["seconds"] / 60 or FIXED["online_minutes"]
        taken = share[one.would_have_visited] * one.sums["counted"]
        assert saved.hours.median == pytest.approx((taken * IN_PERSON - online) / 60)
        assert saved.mxn.median == pytest.approx(taken * SPENT - online * FIXED["data_per_minute"])
    assert total.hours.median == pytest.approx(sum(saved.hours.median for saved in each))
    assert total.mxn.median == pytest.approx(sum(saved.mxn.median for saved in each))


@given(st.lists(st.integers(0, 3_000), min_size=2, max_size=6))
def test_the_interval_of_the_sum_is_of_what_was_drawn_together(seconds: list[int]) -> None:
    """The same averages are in each of them: what is wrong with one is wrong with all, and doesn't cancel out."""
    baseline = Baseline(1, factories.parameters(spread=0.5), {})
    total, each = saved_of([own(True, one) for one in seconds], baseline, {}, 2025)
    if all(seconds) or not any(seconds):  # what was observed is exact, and what wasn't is drawn
        assert total.hours.width == pytest.approx(sum(saved.hours.width for saved in each), rel=1e-6)
    assert total.hours.width > max(saved.hours.width for saved in each)


async def asked_for(session: AsyncSession, minutes: float = RECENTLY) -> tuple[Citizen, UUID]:
    """A person who made one request online, and the request."""
    await factories.baseline(session)
    who, where, known = (await person(session)).id, (await unit(session)).id, ids.new_id()
    await factories.happen(session, *factories.request(who, unit=where, subject=known, minutes=minutes))
    return Citizen(who, assurance=Assurance.FULL), known


async def line_of(session: AsyncSession, actor: Citizen, transaction_id: UUID) -> Line:
    mine = await statement.statement_of(session, actor, YEAR)
    return next(line for line in mine.lines if line.transaction.id == transaction_id)


async def roll_up_corrections(session: AsyncSession) -> None:
    rows = await session.scalars(text("SELECT id FROM event WHERE type = 'saving-transaction.corrected' ORDER BY id"))
    await factories.deliver(session, list(rows.all()))


async def sums(session: AsyncSession, *names: str) -> tuple[int, ...]:
    columns = ", ".join(f"coalesce(sum({name}), 0)::int" for name in names)
    where = "WHERE period_type = 'M' AND geography = 'S' AND segment = ''"
    return tuple((await session.execute(text(f"SELECT {columns} FROM saving_cell {where}"))).one())


MEASURED = ("counted", "followed_by_visit", "asked", "would_have_visited")
EFFECT = {
    None: (1, 0, 0, 0),
    Correction.WOULD_HAVE_VISITED: (1, 0, 1, 1),
    Correction.WOULD_NOT_HAVE_VISITED: (1, 0, 1, 0),
    Correction.VISITED_ANYWAY: (0, 1, 0, 0),
}


@pytest.mark.parametrize("said", list(Correction))
async def test_a_correction_counts_at_once_for_the_person_and_then_for_everyone(
    session: AsyncSession, said: Correction
) -> None:
    actor, known = await asked_for(session)
    before = (await line_of(session, actor, known)).saved
    assert before.hours.median == pytest.approx((FIXED["would_have_visited"] * IN_PERSON - 1) / 60)
    await statement.correct(session, actor, known, said)
    share = {Correction.WOULD_HAVE_VISITED: 1.0}.get(said, 0.0)
    at_once = (await line_of(session, actor, known)).saved
    assert at_once.hours.median == pytest.approx((share * IN_PERSON - 1) / 60)
    assert await sums(session, *MEASURED) == EFFECT[None]
    await roll_up_corrections(session)
    assert await sums(session, *MEASURED) == EFFECT[said]
    assert (await line_of(session, actor, known)).saved == at_once
    await statement.correct(session, actor, known, None)
    await roll_up_corrections(session)
    assert await sums(session, *MEASURED) == EFFECT[None]
    assert (await line_of(session, actor, known)).saved == before
    assert await sums(session, "seconds") == (60,), "time spent on the statement is none of the request's"


async def test_a_correction_stands_before_the_survey_and_leaves_its_points(session: AsyncSession) -> None:
    actor, known = await asked_for(session)
    survey = Happening(
        "request.feedback-given",
        RECENTLY + 9,
        known,
        person=actor.person_id,
        payload={"folio": "Q", "would_have_visited": True, "satisfaction": 4},
    )
    await factories.happen(session, survey)
    await statement.correct(session, actor, known, Correction.WOULD_NOT_HAVE_VISITED)
    await roll_up_corrections(session)
    assert await sums(session, "asked", "would_have_visited", "rated", "rating") == (1, 0, 1, 4)
    await statement.correct(session, actor, known, None)
    await roll_up_corrections(session)
    assert await sums(session, "asked", "would_have_visited", "rated", "rating") == (1, 1, 1, 4)


async def test_the_order_of_corrections_and_steps_makes_no_difference(session: AsyncSession) -> None:
    """The last correction counts, whatever came in first; a rebuild changes nothing."""
    found = []
    for order in permutations(range(3)):
        who, known = (await person(session)).id, ids.new_id()
        said = [
            Happening("saving-transaction.corrected", RECENTLY + 20 + n, known, person=who, payload={"correction": one})
            for n, one in enumerate(("would-have-visited", "visited-anyway"))
        ]
        parts = [factories.request(who, subject=known, minutes=RECENTLY), said[:1], said[1:]]
        for number in order:
            await factories.happen(session, *parts[number])
        row = await session.execute(
            text("SELECT correction, is_own, seconds, outcome, started_at FROM service_transaction WHERE id = :id"),
            {"id": known},
        )
        found.append(tuple(row.one()))
    assert set(found) == {("visited-anyway", True, 60, "completed", WHEN)}


async def test_what_can_be_corrected(session: AsyncSession) -> None:
    actor, known = await asked_for(session)
    again, started, refused, old = ids.new_id(), ids.new_id(), ids.new_id(), ids.new_id()
    who = actor.person_id
    steps = factories.request(who, subject=again, minutes=RECENTLY + 60)
    steps += factories.request(who, service="pension", subject=started, minutes=RECENTLY, outcome=None)
    steps += factories.request(who, service="address", subject=refused, minutes=RECENTLY, outcome="refused")
    steps += factories.request(who, service="letter", subject=old, minutes=TOO_LONG_AGO)
    await factories.happen(session, *steps)
    for one in (again, started, refused):
        assert not (await line_of(session, actor, one)).is_correctable
        with pytest.raises(CorrectionClosed):
            await statement.correct(session, actor, one, Correction.VISITED_ANYWAY)
    other = Citizen((await person(session)).id, assurance=Assurance.FULL)
    for citizen, what in ((other, known), (actor, ids.new_id())):
        with pytest.raises(TransactionUnknown):
            await statement.correct(session, citizen, what, Correction.VISITED_ANYWAY)
    with pytest.raises(CorrectionClosed):
        await statement.correct(session, actor, old, Correction.VISITED_ANYWAY)
    first = (await line_of(session, actor, known)).transaction
    assert is_correctable(first, first.day + timedelta(days=400))
    assert not is_correctable(first, first.day + timedelta(days=401))


async def test_what_staff_did_is_in_no_statement(session: AsyncSession) -> None:
    actor, known = await asked_for(session)
    await factories.happen(
        session, *factories.request(actor.person_id, service="pension", channel="phone", minutes=RECENTLY)
    )
    mine = await statement.statement_of(session, actor, YEAR)
    assert [line.transaction.id for line in mine.lines] == [known]
    assert (mine.counted, mine.first_year, mine.prices) == (1, YEAR, 2026)


async def test_the_same_again_is_recorded_once_and_years_have_ends(session: AsyncSession) -> None:
    actor, known = await asked_for(session)
    for _ in range(2):
        await statement.correct(session, actor, known, Correction.VISITED_ANYWAY)
    stored = "SELECT count(*) FROM event WHERE type = 'saving-transaction.corrected'"
    assert await session.scalar(text(stored)) == 1
    for year in (YEAR - 1, clock.today(DEFAULT_ZONE).year + 1):
        with pytest.raises(NotFound):
            await statement.statement_of(session, actor, year)
    newcomer = Citizen((await person(session)).id, assurance=Assurance.FULL)
    empty = await statement.statement_of(session, newcomer)
    assert (empty.lines, empty.counted, empty.total.hours.high) == ((), 0, 0.0)
