"""What is recorded of who sees whose data, and what isn't."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import Role, Staff
from app.kernel.problems import NotFound
from app.registry.access_log import ViewContext, record_views
from app.registry.jobs import delete_old_views
from app.registry.view_recording import RECORDS_VIEWS
from tests.audit.views import Seen, seen, views
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import agent, asked, consent, depends
from tests.web.browser import signed_in_browser

A_MORNING = datetime(2026, 10, 5, 16, 10, tzinfo=UTC)


async def look(scene: Scene, folio: str, by: actors.Officer | None = None) -> int:
    """The status of the request's answer to an officer."""
    headers = (by or scene.officer).headers
    return (await scene.client.get(f"/api/v1/requests/{folio}", headers=headers)).status_code


async def find(scene: Scene, folio: str) -> int:
    answer = await scene.client.post("/api/v1/work/search", json={"q": folio}, headers=scene.officer.headers)
    return answer.status_code


async def test_once_per_person_reader_and_hour(scene: Scene) -> None:
    with time_machine.travel(A_MORNING, tick=False) as travel:
        folio = await steps.complain(scene)
        for _ in range(3):
            assert await look(scene, folio) == 200
        officer = Seen(scene.officer.staff_id, "officer", scene.unit.id, {"case"})
        assert await views(scene) == [officer]
        assert await find(scene, folio) == 200
        officer = Seen(scene.officer.staff_id, "officer", scene.unit.id, {"case", "search"})
        assert await views(scene) == [officer]
        supervisor = await scene.supervisor()
        assert await look(scene, folio, supervisor) == 200
        another = Seen(supervisor.staff_id, "supervisor", scene.unit.id, {"case"})
        assert await views(scene) == [officer, another]
        travel.shift(timedelta(hours=1))
        assert await look(scene, folio) == 200
        later = Seen(scene.officer.staff_id, "officer", scene.unit.id, {"case"})
        assert await views(scene) == [officer, another, later]


async def test_at_once_it_is_one_row_with_every_context(scene: Scene) -> None:
    folio = await steps.complain(scene)
    with time_machine.travel(A_MORNING, tick=False):
        answers = await asyncio.gather(*[look(scene, folio) for _ in range(6)], *[find(scene, folio) for _ in range(6)])
    assert set(answers) == {200}
    assert await views(scene) == [Seen(scene.officer.staff_id, "officer", scene.unit.id, {"case", "search"})]


async def test_who_works_at_every_unit_is_recorded_without_one(scene: Scene) -> None:
    folio = await steps.complain(scene)
    everywhere = await actors.hire(scene.db, scene.client, Role.SUPERVISOR)
    assert await look(scene, folio, everywhere) == 200
    assert await views(scene) == [Seen(everywhere.staff_id, "supervisor", None, {"case"})]


async def test_a_refused_view_is_not_recorded(scene: Scene) -> None:
    folio = await steps.complain(scene)
    elsewhere = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert await look(scene, folio, elsewhere) == 404
    analyst = await steps.hire(scene, Role.ANALYST)
    assert (await scene.client.get("/api/v1/work", headers=analyst.headers)).status_code == 403
    none = await scene.client.get(f"/api/v1/requests/{folio}/certificate", headers=scene.officer.headers)
    assert none.status_code == 409
    assert await views(scene) == []


async def test_a_view_that_fails_is_not_recorded(app: FastAPI, scene: Scene) -> None:
    actor = Staff(scene.officer.staff_id, Role.OFFICER, None)

    @app.get("/fails/{how}", dependencies=[RECORDS_VIEWS])
    async def fails(how: str) -> None:
        record_views(actor, ViewContext.CASE, {scene.ana.id: None})
        if how == "refused":
            raise NotFound
        if how == "broken":
            raise RuntimeError("a mistake of ours")

    for how, status in (("refused", 404), ("broken", 500)):
        assert (await scene.client.get(f"/fails/{how}")).status_code == status
        assert await views(scene) == []
    assert (await scene.client.get("/fails/not")).status_code == 200
    assert len(await views(scene)) == 1


async def test_a_document_that_cannot_be_read_was_not_seen(scene: Scene, files: Path) -> None:
    worker = await steps.old_worker(scene)
    folio = await asked(scene, worker)
    document = (await worker.get(folio))["documents"][0]["id"]
    path = f"/api/v1/requests/{folio}/documents/{document}"
    stored = [(file, file.read_bytes()) for file in files.rglob("*") if file.is_file()]
    for file, _content in stored:
        file.unlink()
    assert (await scene.client.get(path, headers=scene.officer.headers)).status_code == 404
    assert await views(scene, worker.person_id) == []
    for file, content in stored:
        file.write_bytes(content)
    assert (await scene.client.get(path, headers=scene.officer.headers)).status_code == 200
    assert [one.contexts for one in await views(scene, worker.person_id)] == [{"document"}]


async def test_nothing_is_shown_that_cannot_be_recorded(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await steps.run(scene, "ALTER TABLE personal_data_view RENAME TO personal_data_view_away")
    try:
        assert await look(scene, folio) == 500
    finally:
        await steps.run(scene, "ALTER TABLE personal_data_view_away RENAME TO personal_data_view")
    assert await look(scene, folio) == 200


async def test_people_who_see_their_own_data_are_not_recorded(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    page = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    for path in ("/mi", f"/tramites/{folio}", "/mi/datos.json", "/mi/accesos"):
        assert (await page.get(path)).status_code == 200
    assert await views(scene) == []


async def test_who_acts_for_another_is_recorded_as_a_representative(app: FastAPI, scene: Scene) -> None:
    helper = await agent(scene)
    await consent(scene, helper, "complaint")
    folio = (await helper.submit_request("complaint", person_id=scene.ana.id, **steps.STORY))["folio"]
    assert await views(scene) == [Seen(helper.person_id, "representative", None, {"case"})]
    page = await signed_in_browser(app, scene.db, person_id=helper.person_id)
    assert (await page.get("/mi")).status_code == 200
    assert (await page.get(f"/tramites/{folio}")).status_code == 200
    assert await views(scene) == [Seen(helper.person_id, "representative", None, {"case", "list"})]


async def test_a_parent_is_recorded_in_the_childs_record(scene: Scene) -> None:
    child = await depends(scene, scene.citizen)
    folio = (await scene.citizen.submit_request("complaint", person_id=child.person_id, **steps.STORY))["folio"]
    assert (await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.citizen.headers)).status_code == 200
    assert await views(scene, child.person_id) == [Seen(scene.ana.id, "representative", None, {"case"})]
    assert await views(scene) == []


async def test_what_is_older_than_the_setting_is_deleted(scene: Scene) -> None:
    now = clock.now()
    for days in (2_558, 2_556, 0):
        await seen(scene, now - timedelta(days=days))
    await delete_old_views.func(timestamp=int(now.timestamp()))
    async with scene.db.transaction() as session:
        left = await session.execute(text("SELECT seen_at FROM personal_data_view ORDER BY id"))
    assert [(now - at).days for at in left.scalars()] == [2_556, 0]
