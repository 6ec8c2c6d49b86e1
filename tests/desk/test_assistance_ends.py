"""An assistance ends with what its clerk may do, and doesn't come back with it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service import staff_accounts, staff_setup
from app.kernel import ids
from app.kernel.actor import Role, System
from tests.appointments import factories as places
from tests.desk.clerks import Clerk, events, row_of
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import slug

BOSS = System("test")
Change = Callable[[AsyncSession, UUID, UUID], Awaitable[object]]


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
    assert (row.staff_id, row.ended_by, row.answers) == (clerk.by.staff_id, "staff", {})
    (ended,) = await events(scene, "assistance.ended")
    assert (ended.payload["because"], ended.actor_kind, ended.subject_id) == ("access", "system", row.id)
    assert (await other.send("POST", "requests", draft)).status_code == 201, "another clerk's goes on"
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
