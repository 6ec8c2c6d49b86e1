"""A search by name looks among the newest requests and then among all, and gives the same people either way."""

from importlib import import_module

import pytest
from sqlalchemy import delete

from app.identity.models import StaffUnit
from app.kernel.actor import Role
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import find, named


@pytest.fixture(params=[0, 1_000], ids=["all", "newest"])
def reach(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many of the newest are looked through: none or one, or all that a test has."""
    newest: int = request.param
    monkeypatch.setattr(import_module("app.requests.queries.search"), "NEWEST", newest)
    return newest


async def test_old_requests_are_found_as_new_ones(scene: Scene, reach: int) -> None:
    folios = [await named(scene, "Ana", surname, "Ibáñez") for surname in ("Ruiz", "Rubio", "Rosas")]
    everywhere = await actors.hire(scene.db, scene.client, Role.ADMIN)
    for officer in (scene.officer, everywhere):
        for number, typed in enumerate(("ana ruiz", "rubi", "ibáñez rosas")):
            assert await find(scene, typed, officer) == [folios[number]], (typed, reach)
        assert await find(scene, "ibanez", officer) == folios[::-1], "the latest first"
        assert await find(scene, "ana ibanez tonatiuh", officer) == []


async def test_of_several_units_and_no_other(scene: Scene, reach: int) -> None:
    units = [scene.unit, await steps.unit(scene), await steps.unit(scene, "UMF 3")]
    folios = [await steps.complain(scene, await steps.create_person(scene, unit=unit)) for unit in units]
    of_two = await steps.hire(scene, Role.SUPERVISOR, *units[:2])
    assert await find(scene, "ana nunez", of_two) == folios[1::-1], reach


async def test_who_works_nowhere_finds_nothing(scene: Scene, reach: int) -> None:
    folio = await steps.complain(scene)
    nowhere = await steps.hire(scene, Role.OFFICER)
    async with scene.db.transaction() as session:
        await session.execute(delete(StaffUnit).where(StaffUnit.staff_id == nowhere.staff_id))
    for typed in ("ana", "an", folio):
        assert await find(scene, typed, nowhere) == [], reach


async def test_whole_words_go_before_those_that_begin_alike(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("app.requests.queries.search"), "NEWEST", 0)
    luisa, luis = await named(scene, "Luisa", "Ruiz"), await named(scene, "Luis", "Ruiz")
    await steps.complain(scene)
    assert await find(scene, "luis") == [luis]
    assert await find(scene, "lui") == [luis, luisa]
