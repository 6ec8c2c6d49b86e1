"""Claiming finds who asks and takes in one statement: who is refused has taken nothing."""

import pytest
from sqlalchemy import text

from app.kernel.actor import Role
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import fill, pile_up, taken


async def held(scene: Scene) -> int:
    async with scene.db.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM work_item WHERE holder_id IS NOT NULL")) or 0)


async def test_who_was_let_go_is_out_at_once(scene: Scene) -> None:
    await fill(scene, 1)
    officer = await steps.hire(scene, Role.OFFICER)
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE staff SET is_active = false WHERE id = :id"), {"id": officer.staff_id})
    answer = await officer.post("claim")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/token-expired")
    assert await held(scene) == 0


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.ANALYST])
async def test_another_role_takes_nothing(scene: Scene, role: Role) -> None:
    await fill(scene, 1)
    other = await steps.hire(scene, role)
    for body in ({}, {"unit_id": str(scene.unit.id)}):
        answer = await other.post("claim", body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role")
    assert await held(scene) == 0


async def test_a_unit_that_is_not_theirs_gives_nothing(scene: Scene) -> None:
    await fill(scene, 1)
    stranger = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    answer = await stranger.post("claim", {"unit_id": str(scene.unit.id)})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/request-out-of-scope")
    assert await held(scene) == 0


async def test_at_several_units_as_at_one(scene: Scene) -> None:
    folios = await fill(scene, 3)
    several = await steps.hire(scene, Role.OFFICER, await steps.unit(scene), scene.unit)
    named = await several.post("claim", {"unit_id": str(scene.unit.id)}, key="lost-on-the-way")
    again = await several.post("claim", {"unit_id": str(scene.unit.id)}, key="lost-on-the-way")
    assert named.json() == again.json()
    assert {named.json()["folio"], *await taken(several)} == folios


async def test_a_supervisor_takes_both_queues(scene: Scene) -> None:
    folios = await fill(scene, 1) | await pile_up(scene, 1, role="supervisor")
    assert set(await taken(await scene.supervisor())) == folios
