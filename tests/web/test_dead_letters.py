"""The page of stopped work: a group at once, and only what was shown of it."""

from fastapi import FastAPI
from sqlalchemy import text

from app.kernel.actor import Role
from app.kernel.ids import new_id
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser, unsigned


async def add_dead_letters(scene: Scene, count: int) -> None:
    async with scene.db.transaction() as session:
        for number in range(count):
            await session.execute(
                text(
                    "INSERT INTO dead_letter_event (consumer, event_id, reason, failed_at)"
                    " VALUES ('notifications', :id, :reason, clock_timestamp())"
                ),
                {"id": new_id(), "reason": f"RuntimeError: {number}"},
            )


async def left(scene: Scene, where: str) -> int:
    async with scene.db.transaction() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM dead_letter_event WHERE {where}")) or 0)


async def test_an_administrator_retries_and_discards_a_group(app: FastAPI, scene: Scene) -> None:
    admin = await steps.hire(scene, Role.ADMIN)
    browser = await signed_in_browser(app, scene.db, staff_id=admin.staff_id)
    await add_dead_letters(scene, 3)
    await browser.get("/ventanilla/pendientes")
    assert "Sucesos detenidos: 3" in browser.text
    group = {"kind": "event", "name": "notifications", "reason": "RuntimeError"}
    last = browser.html.partition('name="last" value="')[2].partition('"')[0]
    await add_dead_letters(scene, 2)
    await browser.send("/ventanilla/pendientes/grupo", **group, last=last, action="retry")
    assert (await left(scene, "retry_requested"), await left(scene, "NOT retry_requested")) == (3, 2)
    await browser.get("/ventanilla/pendientes")
    assert "Sucesos detenidos: 2" in browser.text
    last = browser.html.partition('name="last" value="')[2].partition('"')[0]
    await browser.send("/ventanilla/pendientes/grupo", **group, last=last, action="discard")
    assert await left(scene, "NOT retry_requested") == 0
    for wrong in ("", "x", "9" * 30, "²", last):
        answer = await browser.send("/ventanilla/pendientes/grupo", **group, last=wrong, action="retry")
        assert (answer.status_code, unsigned(answer.headers["location"])) == (
            303,
            "/ventanilla/pendientes?aviso=cambio",
        )
    assert await left(scene, "retry_requested") == 3


async def test_another_role_may_not(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await browser.get("/ventanilla")
    answer = await browser.send(
        "/ventanilla/pendientes/grupo", kind="event", name="x", reason="", last="", action="retry"
    )
    assert answer.status_code == 403
