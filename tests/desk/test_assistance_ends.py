"""An assistance ends by itself after half an hour, and with what its clerk may do; it doesn't come back with that."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Assistance
from app.identity.service import staff_accounts, staff_setup
from app.kernel import clock, ids
from app.kernel.actor import Role, System
from app.registry.jobs import delete_old_views
from tests.appointments import factories as places
from tests.desk.clerks import Clerk, end_idle, events, row_of
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import slug

BOSS = System("test")
Change = Callable[[AsyncSession, UUID, UUID], Awaitable[object]]


@pytest.fixture
async def clerk(scene: Scene) -> Clerk:
    return Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))


async def deactivated(session: AsyncSession, staff_id: UUID, _unit_id: UUID) -> None:
    await staff_accounts.deactivate_staff(session, BOSS, staff_id)
    await staff_accounts.reactivate_staff(session, BOSS, staff_id)


async def moved(session: AsyncSession, staff_id: UUID, unit_id: UUID) -> None:
    elsewhere = await places.unit(session)
    for where in (elsewhere.id, unit_id):
        await staff_accounts.change_staff(session, BOSS, staff_id, role=Role.RECEPTIONIST, unit_ids=[where])


async def promoted(session: AsyncSession, staff_id: UUID, unit_id: UUID) -> None:
    for role in (Role.OFFICER, Role.RECEPTIONIST):
        await staff_accounts.change_staff(session, BOSS, staff_id, role=role, unit_ids=[unit_id])


async def signed_out_everywhere(session: AsyncSession, staff_id: UUID, _unit_id: UUID) -> None:
    await staff_setup.reset_credentials(session, BOSS, staff_id, key=ids.new_secret(16), password=True)


@pytest.mark.parametrize("change", [deactivated, moved, promoted, signed_out_everywhere])
async def test_an_assistance_does_not_outlive_what_its_clerk_may_do(scene: Scene, change: Change) -> None:
    clerk = Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))
    other = Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))
    for one in (other, clerk):
        await one.by_document()
    draft = {"service": "complaint", "answers": {}}
    async with scene.db.transaction() as session:
        await change(session, clerk.by.staff_id, scene.unit.id)
    assert slug(await clerk.send("POST", "requests", draft)) == (403, "assistance-not-open")
    assert slug(await clerk.send("GET", f"assistances/{clerk.assistance}")) == (403, "assistance-not-open")
    row = await row_of(scene)
    assert (row.staff_id, row.ended_by, row.answers) == (clerk.by.staff_id, "access", {})
    (ended,) = await events(scene, "assistance.ended")
    assert (ended.payload["because"], ended.actor_kind, ended.subject_id) == ("access", "system", row.id)
    assert (await other.send("POST", "requests", draft)).status_code == 201, "another clerk's goes on"
    hers = (await scene.client.get("/api/v1/me/assistances", headers=scene.citizen.headers)).json()
    assert [(one["ended_by"], one["unit_name"], one["document"]) for one in hers] == [
        ("access", scene.unit.name, "passport"),
        (None, scene.unit.name, "passport"),
    ]
    if change is not signed_out_everywhere:
        assert (await clerk.start()).status_code == 201
        assert UUID(clerk.assistance) != row.id


async def test_as_it_was_already_ends_nothing(scene: Scene) -> None:
    clerk = Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))
    await clerk.by_document()
    async with scene.db.transaction() as session:
        staff_id, unit_ids = clerk.by.staff_id, [scene.unit.id]
        await staff_accounts.change_staff(session, BOSS, staff_id, role=Role.RECEPTIONIST, unit_ids=unit_ids)
    assert (await clerk.send("GET", f"assistances/{clerk.assistance}")).status_code == 200


async def test_who_does_not_work_at_the_unit_any_more_acts_for_no_one_there(clerk: Clerk) -> None:
    scene = clerk.scene
    await clerk.by_document()
    elsewhere = await steps.unit(scene)
    async with scene.db.transaction() as session:
        member, role = clerk.by.staff_id, Role.RECEPTIONIST
        await staff_accounts.change_staff(session, System("test"), member, role=role, unit_ids=[elsewhere.id])
    refused = await clerk.send("POST", "requests", {"service": "complaint", "answers": {}})
    assert slug(refused) == (403, "assistance-not-open")
    assert slug(await clerk.send("GET", f"assistances/{clerk.assistance}")) == (403, "assistance-not-open")


async def test_half_an_hour_of_silence_ends_it_with_an_event_and_a_year_deletes_it(clerk: Clerk) -> None:
    await clerk.by_document()
    body = {"service": "complaint", "answers": {}}
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        assert slug(await clerk.send("POST", "requests", body)) == (403, "assistance-not-open")
        assert [await end_idle(clerk.scene), await end_idle(clerk.scene)] == [1, 0]
    row = await row_of(clerk.scene)
    assert row.ended_at is not None
    assert row.ended_at - row.seen_at == timedelta(minutes=30)
    (ended,) = await events(clerk.scene, "assistance.ended")
    assert (ended.actor_kind, ended.payload) == ("system", {"because": "idle"})
    await delete_old_views(int(clock.now().timestamp()))
    assert (await row_of(clerk.scene)).id == row.id
    await delete_old_views(int((clock.now() + timedelta(days=3_000)).timestamp()))
    async with clerk.scene.db.transaction() as session:
        assert await session.scalar(select(Assistance)) is None


async def test_begun_again_after_half_an_hour_the_one_before_ended_of_silence(clerk: Clerk) -> None:
    first = (await clerk.start("phone")).json()["id"]
    with time_machine.travel(clock.now() + timedelta(minutes=45), tick=True):
        assert (await clerk.start("phone")).json()["id"] != first
    (ended,) = await events(clerk.scene, "assistance.ended")
    assert (str(ended.subject_id), ended.payload) == (first, {"because": "idle"})
