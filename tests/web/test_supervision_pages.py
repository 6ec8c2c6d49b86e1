"""The pages of a supervisor: of the units that they run, and for no one else."""

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from app.places.models import Unit
from tests.requests import steps
from tests.requests.actors import hire
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

HOME = "/ventanilla/jefatura"
PAGES = (HOME, f"{HOME}/indicadores", f"{HOME}/cierres", f"{HOME}/agendas", f"{HOME}/agendas/nueva")


async def staff_at(app: FastAPI, scene: Scene, role: Role, *units: Unit) -> Browser:
    """A member of staff of these units; of every one when none is named."""
    hired = await hire(scene.db, scene.client, role, *units)
    return await signed_in_browser(app, scene.db, staff_id=hired.staff_id)


@pytest.mark.parametrize("page", PAGES)
async def test_a_unit_is_shown_to_who_runs_it(app: FastAPI, scene: Scene, page: str) -> None:
    of_it = f"{page}?unidad={scene.unit.id}"
    boss = await staff_at(app, scene, Role.SUPERVISOR, scene.unit)
    assert (await boss.get(of_it)).status_code == 200
    other = await staff_at(app, scene, Role.SUPERVISOR, await steps.unit(scene))
    assert (await other.get(of_it)).status_code == 403
    everywhere = await staff_at(app, scene, Role.RECEPTIONIST)
    assert (await everywhere.get(page)).status_code == 403, "not even which unit"


async def test_a_shift_of_another_unit_is_neither_previewed_nor_closed(app: FastAPI, scene: Scene) -> None:
    boss = await staff_at(app, scene, Role.SUPERVISOR, await steps.unit(scene))
    for path in (f"{HOME}/cierres/vista", f"{HOME}/cierres"):
        await boss.get(f"{HOME}/cierres")
        answer = await boss.send(f"{path}?unidad={scene.unit.id}", shift="M", first="2030-01-01", last="2030-01-01")
        assert answer.status_code == 403
