"""What a visit takes is measured once, from its own steps, and goes into the fact it was spent on."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select

from app.identity.jobs import delete_expired
from app.identity.models import WebSession
from app.identity.rules import IDLE_LIMIT
from app.identity.service.activity import track_activity
from app.identity.service.sessions import sign_in_session
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import clock
from app.kernel.actor import Assurance, Channel, Citizen, Device, Role
from app.kernel.db import savepoint
from app.kernel.dead_letters import WorkRetried
from app.kernel.events import record
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.browser_sessions import BOOKED, HELD, Clinic, Visit
from tests.identity.sign_in import create_person, sent
from tests.requests.actors import hire

LONGEST = IDLE_LIMIT.total_seconds()


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=True) as traveller:
        yield traveller


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await Clinic.open(db)


@pytest.fixture
async def visit(db: Database, client: httpx.AsyncClient, clinic: Clinic, travel: time_machine.Traveller) -> Visit:
    """Someone with a phone who has just signed in."""
    made = Visit(db, client, travel)
    await made.come_in(clinic.ana)
    return made


async def forget(due: datetime) -> None:
    """What the hourly job does."""
    await delete_expired(due)


def near(seconds: float) -> Any:
    """The clock goes on while the test works."""
    return pytest.approx(seconds, abs=4)


# ---- pages


async def test_the_seconds_of_a_journey_are_on_its_facts(visit: Visit, clinic: Clinic) -> None:
    await clinic.book(visit)
    held, booked = await visit.fact(HELD), await visit.fact(BOOKED)
    assert (held.seconds, booked.seconds) == (near(105), near(15))
    assert (held.device, booked.device) == (Device.PHONE, Device.PHONE)
    assert booked.payload["hold_id"] == str(held.subject_id)
    assert await visit.seconds() == 0


async def test_a_silence_is_not_counted(visit: Visit, clinic: Clinic) -> None:
    await clinic.to_the_times(visit)
    await visit.send("/citas/hora", after=LONGEST + 5, time=clinic.time(0))
    assert (await visit.fact(HELD)).seconds == near(75)


async def test_reading_after_a_silence_starts_the_clock_again(visit: Visit, clinic: Clinic) -> None:
    await clinic.to_the_times(visit)
    await visit.read("/citas/hora", after=LONGEST + 5)
    await visit.send("/citas/hora", after=20, time=clinic.time(0))
    assert (await visit.fact(HELD)).seconds == near(75 + 20)


async def test_reading_costs_a_write_in_five_minutes(visit: Visit) -> None:
    first = await visit.row()
    for _ in range(4):
        await visit.read("/mi", after=60)
    later = await visit.row()
    assert first is not None
    assert later is not None
    assert later.last_active_at == first.last_active_at
    await visit.read("/mi", after=70)
    again = await visit.row()
    assert again is not None
    assert again.last_active_at != first.last_active_at
    assert again.active_seconds == 0


async def test_what_is_refused_leaves_the_time_for_what_is_done(visit: Visit, clinic: Clinic, db: Database) -> None:
    await clinic.to_the_times(visit)
    async with db.transaction() as session:
        other = await factories.person(session, clinic.unit)
        await factories.held(session, factories.citizen(other), other, factories.place(clinic.unit, clinic.times[0]))
    await visit.send("/citas/hora", after=30, expect=409, time=clinic.time(0))
    assert await visit.seconds() == near(105)
    await visit.send("/citas/hora", after=10, time=clinic.time(1))
    assert (await visit.facts(HELD))[-1].seconds == near(115)


async def test_the_first_fact_takes_all_and_the_second_nothing(visit: Visit, clinic: Clinic) -> None:
    await clinic.book(visit)
    await visit.send("/tramites/vigencia/quien", after=25, person=clinic.ana.id)
    facts = await visit.facts("request.started", "request.submitted", "request.decided")
    assert [fact.seconds for fact in facts] == [near(25), None, None]
    assert await visit.seconds() == 0


async def test_a_fact_undone_gives_the_time_back(visit: Visit, clinic: Clinic, db: Database) -> None:
    await clinic.to_the_times(visit)
    before = await visit.seconds()
    row = await visit.row()
    assert row is not None
    with suppress(RuntimeError):
        async with db.transaction() as session:
            timer = await track_activity(session, row, is_step=True)
            actor = Citizen(clinic.ana.id, Channel.WEB, row.id, Device.PHONE, timer, Assurance.FULL)
            await record(session, actor, WorkRetried(subject_id=row.id, kind="test", name="one"))
            raise RuntimeError("the form was refused")
    assert await visit.seconds() == before
    async with db.transaction() as session:
        timer = await track_activity(session, row, is_step=True)
        actor = Citizen(clinic.ana.id, Channel.WEB, row.id, Device.PHONE, timer, Assurance.FULL)
        with suppress(RuntimeError):
            async with savepoint(session):
                await record(session, actor, WorkRetried(subject_id=row.id, kind="test", name="two"))
                raise RuntimeError("only this part")
        await record(session, actor, WorkRetried(subject_id=row.id, kind="test", name="three"))
    assert [fact.seconds for fact in await visit.facts("work.retried")] == [None]
    assert await visit.seconds() >= before


async def test_two_forms_at_once_are_one_step(visit: Visit, clinic: Clinic) -> None:
    await clinic.to_the_times(visit)
    before = await visit.seconds()
    visit.wait(60)
    row = await visit.row()
    assert row is not None
    fields = await visit.form("/mi/idioma") | {"language": "es"}
    await asyncio.gather(*[visit.client.post("/mi/idioma", data=fields) for _ in range(6)])
    assert await visit.seconds() == near(before + 60)


async def test_measuring_waits_for_no_one(visit: Visit, db: Database) -> None:
    before = await visit.row()
    assert before is not None
    fields = await visit.form("/mi/idioma") | {"language": "es"}
    visit.wait(20)
    async with db.transaction() as other:  # a slow request of the same visit
        await other.execute(select(WebSession).where(WebSession.id == before.id).with_for_update())
        assert (await visit.client.post("/mi/idioma", data=fields)).status_code == 303
    assert await visit.seconds() == 0
    await visit.send("/mi/idioma", after=10, language="es")
    assert await visit.seconds() == near(30)


async def test_time_of_signing_in_belongs_to_the_transaction(
    db: Database, client: httpx.AsyncClient, travel: time_machine.Traveller
) -> None:
    ana = await create_person(db)
    visit = Visit(db, client, travel)
    await visit.send("/entrar", identifier=ana.curp)
    row = await visit.row()
    assert row is not None
    code = (await sent(db, row.answers["challenge"])).code
    await visit.send("/entrar/codigo", after=50, code=code)
    assert await visit.seconds() == near(50)
    assert [fact.seconds for fact in await visit.facts("code.requested", "identity.signed-in")] == [None, None]
    await visit.send("/tramites/vigencia/quien", after=20, person=ana.id)
    assert (await visit.fact("request.started")).seconds == near(70)


# ---- visits left


async def test_what_was_left_unfinished_is_recorded_at_sign_out(visit: Visit, clinic: Clinic) -> None:
    await clinic.to_the_times(visit)
    row = await visit.row()
    assert row is not None
    await visit.send("/salir", after=10)
    left = await visit.fact("session.abandoned")
    assert (left.subject_id, left.person_id, left.service) == (row.id, clinic.ana.id, "family-medicine")
    assert (left.seconds, left.channel, left.actor_kind) == (near(85), "web", "citizen")


async def test_what_was_left_unfinished_is_recorded_when_it_is_forgotten(visit: Visit, clinic: Clinic) -> None:
    row = await visit.row()
    assert row is not None
    await visit.run("UPDATE web_session SET device = 'tablet'")
    await clinic.to_the_times(visit)
    await forget(clock.now())
    assert await visit.facts("session.abandoned") == []
    await forget(clock.now() + timedelta(days=2))
    left = await visit.fact("session.abandoned")
    assert (left.subject_id, left.service, left.seconds, left.device) == (row.id, "family-medicine", near(75), "tablet")
    assert await visit.row() is None


async def test_a_finished_visit_leaves_nothing(visit: Visit, clinic: Clinic) -> None:
    await clinic.book(visit)
    await forget(clock.now() + timedelta(days=2))
    assert (await visit.row(), await visit.facts("session.abandoned")) == (None, [])


async def test_a_draft_given_up_names_its_service(visit: Visit, clinic: Clinic) -> None:
    await visit.send("/tramites/complaint/quien", after=20, person=clinic.ana.id)
    await visit.send("/mi/idioma", after=15, language="es")
    await visit.send("/salir", after=5)
    left = await visit.fact("session.abandoned")
    assert (left.service, left.seconds) == ("complaint", near(20))


async def test_closing_the_account_takes_the_time_once(visit: Visit, clinic: Clinic) -> None:
    await clinic.to_the_times(visit)
    await visit.send("/mi/borrar", after=10)
    assert (await visit.fact("account.closed")).seconds == near(85)
    assert await visit.facts("session.abandoned") == []


async def test_another_person_s_time_at_the_same_browser_stays_theirs(
    visit: Visit, clinic: Clinic, db: Database
) -> None:
    await clinic.to_the_times(visit)
    first = await visit.row()
    async with db.transaction() as session:
        other = await factories.person(session, clinic.unit)
        await sign_in_session(session, await session.merge(first), person_id=other.id)
    left = await visit.fact("session.abandoned")
    assert (left.person_id, left.seconds) == (clinic.ana.id, near(75))
    assert await visit.seconds() == 0


async def test_staff_are_not_measured(visit: Visit, db: Database) -> None:
    officer = await hire(db, visit.client, Role.OFFICER)
    await visit.come_in(staff_id=officer.staff_id)
    await visit.read("/ventanilla", after=20)
    row = await visit.row()
    assert row is not None
    async with db.transaction() as session:
        assert await track_activity(session, row, is_step=True) is None
    await visit.send("/ventanilla/salir", after=20)
    assert await visit.facts("session.abandoned") == []


# ---- the API


@pytest.mark.parametrize(("agent", "device"), [("curl/8.14.1", "program"), (None, "phone")])
async def test_the_api_says_its_device_and_measures_no_time(
    visit: Visit, clinic: Clinic, agent: str | None, device: str
) -> None:
    token, _seconds = issue_access_token(CITIZEN, clinic.ana.id, assurance=Assurance.FULL)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one-and-only"}
    where = {"unit_id": str(clinic.unit.id), "service": "family-medicine", "room": 1}
    body = where | {"start_at": clinic.times[0].isoformat()}
    given = headers | ({"User-Agent": agent} if agent else {})
    assert (await visit.client.post("/api/v1/holds", json=body, headers=given)).status_code == 201
    held = await visit.fact(HELD)
    assert (held.device, held.seconds, held.channel) == (device, None, "api")


async def test_a_move_names_its_hold(clinic: Clinic, db: Database, visit: Visit) -> None:
    folio = await clinic.book(visit)
    await visit.send(f"/citas/{folio}/mover", after=10)
    await visit.send("/citas/dia", after=5, day=(clinic.times[0] - timedelta(hours=6)).date().isoformat())
    await visit.send("/citas/hora", after=5, time=clinic.time(1))
    await visit.send("/citas/revisar", after=5)
    held = (await visit.facts(HELD))[-1]
    moved = await visit.fact("appointment.moved")
    assert (held.seconds, moved.seconds) == (near(20), near(5))
    assert moved.payload["hold_id"] == str(held.subject_id)
