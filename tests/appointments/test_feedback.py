"""Two questions after booking, moving or cancelling: by page and by API, optional, the last answer counts."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import time_machine

from app.appointments import rules
from app.appointments.problems import FeedbackClosed
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import clock, ids
from app.kernel.actor import Assurance
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.browser_sessions import Clinic, Visit

QUESTION = "¿Qué habría hecho sin esta página?"
GIVEN = "appointment.feedback-given"


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=True) as traveller:
        yield traveller


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await Clinic.open(db)


@pytest.fixture
async def visit(db: Database, client: httpx.AsyncClient, clinic: Clinic, travel: time_machine.Traveller) -> Visit:
    made = Visit(db, client, travel)
    await made.come_in(clinic.ana)
    return made


def said(facts: list) -> list[tuple[bool | None, int | None]]:
    return [(fact.payload["would_have_visited"], fact.payload["satisfaction"]) for fact in facts]


@pytest.mark.parametrize(
    ("would_have_done", "score", "expected"),
    [
        ("in-person", "5", (True, 5)),
        ("phone", "", (False, None)),
        ("nothing", "1", (False, 1)),
        ("unknown", "3", (None, 3)),
        ("whatever", "6", None),
        ("unknown", "", None),
        ("", "", None),
    ],
)
async def test_after_booking_the_page_asks(
    visit: Visit, clinic: Clinic, would_have_done: str, score: str, expected: tuple[bool | None, int | None] | None
) -> None:
    folio = await clinic.book(visit)
    assert QUESTION in (await visit.read("/citas/listo")).text
    back = await visit.send(f"/citas/{folio}/opinion", would_have_done=would_have_done, satisfaction=score)
    assert back.headers["location"] == "/citas/listo"
    page = (await visit.read("/citas/listo")).text
    assert ("Gracias por su opinión" in page, QUESTION in page, folio in page) == (True, False, True)
    facts = await visit.facts(GIVEN)
    assert said(facts) == ([expected] if expected else [])
    for fact in facts:
        assert (fact.person_id, fact.unit_id, fact.service) == (clinic.ana.id, clinic.unit.id, "family-medicine")
        assert (fact.payload["folio"], fact.channel, fact.device) == (folio, "web", "phone")


async def test_it_asks_again_after_moving_and_after_cancelling(visit: Visit, clinic: Clinic) -> None:
    folio = await clinic.book(visit)
    await visit.send(f"/citas/{folio}/opinion", satisfaction="4")
    await visit.send(f"/citas/{folio}/mover")
    await visit.send("/citas/dia", day=(clinic.times[0] - timedelta(hours=6)).date().isoformat())
    await visit.send("/citas/hora", time=clinic.time(1))
    await visit.send("/citas/revisar")
    assert QUESTION in (await visit.read("/citas/listo")).text
    await visit.send(f"/citas/{folio}/opinion", satisfaction="2")
    assert QUESTION not in (await visit.read(f"/citas/{folio}")).text
    await visit.send(f"/citas/{folio}/cancelar", reason="other")
    assert QUESTION in (await visit.read(f"/citas/{folio}")).text
    back = await visit.send(f"/citas/{folio}/opinion", would_have_done="in-person", satisfaction="1")
    assert back.headers["location"] == f"/citas/{folio}"
    page = (await visit.read(f"/citas/{folio}")).text
    assert ("Gracias por su opinión" in page, QUESTION in page) == (True, False)
    assert said(await visit.facts(GIVEN)) == [(None, 4), (None, 2), (True, 1)]
    assert len({fact.subject_id for fact in await visit.facts(GIVEN)}) == 1


async def test_whom_it_concerns_not_is_not_asked(visit: Visit, clinic: Clinic, db: Database) -> None:
    """Who follows an appointment by its folio sees no question, and no one answers for another's."""
    folio = await clinic.book(visit)
    async with db.transaction() as session:
        other = await factories.person(session, clinic.unit)
    await visit.come_in(other)
    await visit.send(f"/citas/{folio}/opinion", expect=404, satisfaction="1")
    assert await visit.facts(GIVEN) == []


def headers(who: Person, key: str | None = None) -> dict[str, str]:
    token, _seconds = issue_access_token(CITIZEN, who.id, assurance=Assurance.FULL)
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(ids.new_id())}


async def test_over_the_api_a_repetition_is_one_answer_and_the_last_counts(visit: Visit, clinic: Clinic) -> None:
    folio, ana = await clinic.book(visit), clinic.ana
    way = f"/api/v1/appointments/{folio.lower()}/feedback"
    first = {"would_have_visited": True, "satisfaction": 4}
    for _ in range(2):
        answer = await visit.client.post(way, json=first, headers=headers(ana, "the-same-key"))
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await visit.client.post(way, json={"satisfaction": 5}, headers=headers(ana))).status_code == 204
    assert (await visit.client.post(way, json={}, headers=headers(ana))).status_code == 204
    assert said(await visit.facts(GIVEN)) == [(True, 4), (None, 5)]


@pytest.mark.parametrize(
    "wrong", [{"satisfaction": 0}, {"satisfaction": 6}, {"would_have_visited": "maybe"}, {"more": 1}]
)
async def test_what_is_no_answer_is_refused(visit: Visit, clinic: Clinic, wrong: dict) -> None:
    folio = await clinic.book(visit)
    answer = await visit.client.post(f"/api/v1/appointments/{folio}/feedback", json=wrong, headers=headers(clinic.ana))
    assert answer.status_code == 422
    assert await visit.facts(GIVEN) == []


async def test_a_month_later_it_is_too_late(visit: Visit, clinic: Clinic) -> None:
    folio = await clinic.book(visit)
    way = f"/api/v1/appointments/{folio}/feedback"
    visit.wait(timedelta(days=29).total_seconds())
    assert (await visit.client.post(way, json={"satisfaction": 3}, headers=headers(clinic.ana))).status_code == 204
    visit.wait(timedelta(days=2).total_seconds())
    late = await visit.client.post(way, json={"satisfaction": 5}, headers=headers(clinic.ana))
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, FeedbackClosed.slug)
    assert said(await visit.facts(GIVEN)) == [(None, 3)]


def test_the_last_day_counts() -> None:
    now = clock.now()
    rules.require_feedback_open(now - rules.FEEDBACK_FOR, now)
    with pytest.raises(FeedbackClosed):
        rules.require_feedback_open(now - rules.FEEDBACK_FOR - timedelta(seconds=1), now)
