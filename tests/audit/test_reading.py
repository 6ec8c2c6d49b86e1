"""People read who saw their data; administrators look up who saw whose, and that is recorded too."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import Role
from app.registry.models import Person
from tests.appointments import factories as places
from tests.audit.views import Seen, seen, views
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

PAGE = "/ventanilla/accesos"
NOON = datetime(2026, 10, 5, 18, 5, tzinfo=UTC)


async def administrator(app: FastAPI, scene: Scene, *units: Any) -> tuple[actors.Officer, Browser]:
    hired = await actors.hire(scene.db, scene.client, Role.ADMIN, *units)
    return hired, await signed_in_browser(app, scene.db, staff_id=hired.staff_id)


async def username(scene: Scene, staff_id: UUID) -> str:
    async with scene.db.transaction() as session:
        return str(await session.scalar(text("SELECT username FROM staff WHERE id = :id"), {"id": staff_id}))


async def test_people_see_the_role_the_unit_and_their_own_hour_and_no_name(app: FastAPI, scene: Scene) -> None:
    page = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    assert "Nadie los ha visto." in (await page.get("/mi/accesos")).text
    await seen(scene, NOON)
    html = (await page.get("/mi/accesos")).text
    for words in ("5 de octubre de 2026", "12:05", "Oficialía", scene.unit.name, "una solicitud"):
        assert words in html, words
    assert "Rosa" not in html
    assert str(scene.officer.staff_id) not in html
    english = (await page.get("/en/mi/accesos")).text
    for words in ("Who has seen my data", "Monday, October 5, 2026", "12:05", "a request"):
        assert words in english, words
    assert "/mi/accesos" in (await page.get("/mi")).text


async def test_the_api_and_the_download_have_the_same(app: FastAPI, scene: Scene) -> None:
    await seen(scene, NOON)
    expected = {
        "seen_at": "2026-10-05T18:05:00Z",
        "timezone": "America/Mexico_City",
        "role": "officer",
        "unit_name": scene.unit.name,
        "contexts": ["case"],
    }
    answer = await scene.client.get("/api/v1/me/accesses", headers=scene.citizen.headers)
    assert answer.json() == [expected]
    page = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    assert (await page.get("/mi/datos.json")).json()["accesses"] == [expected]


async def test_many_are_paged(app: FastAPI, scene: Scene) -> None:
    for hours in range(60):
        await seen(scene, NOON - timedelta(hours=hours))
    page = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    shown, path = 0, "/mi/accesos"
    for _ in range(3):
        html = (await page.get(path)).text
        shown += html.count("v-task")
        if "?despues=" not in html:
            break
        path = "/mi/accesos?despues=" + html.split("?despues=")[1].split('"')[0]
    assert shown == 60
    url: str | None = "/api/v1/me/accesses?limit=25"
    got: list[str] = []
    while url:
        answer = await scene.client.get(url, headers=scene.citizen.headers)
        got += [one["seen_at"] for one in answer.json()]
        url = answer.links.get("next", {}).get("url")
    assert (len(got), got) == (60, sorted(got, reverse=True))


async def test_closing_the_account_leaves_the_record(app: FastAPI, scene: Scene) -> None:
    await seen(scene, NOON)
    page = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await page.get("/mi/borrar")
    assert (await page.send("/mi/borrar")).status_code == 303
    assert len(await views(scene)) == 1


@pytest.mark.parametrize("by", ["curp", "nss", "folio"])
async def test_administrators_look_up_a_person_without_personal_data_in_the_address(
    app: FastAPI, scene: Scene, by: str
) -> None:
    folio = await steps.complain(scene)
    async with scene.db.transaction() as session:
        ana = await session.get_one(Person, scene.ana.id)
        ana.nss = ana.nss if by != "nss" else "12345678903"
        typed = {"curp": ana.curp.lower(), "nss": "1234-5678-903", "folio": folio}[by]
    await seen(scene, NOON)
    admin, page = await administrator(app, scene)
    await page.get(PAGE)
    assert await views(scene) == [Seen(scene.officer.staff_id, "officer", scene.unit.id, {"case"})]
    found = await page.send(PAGE, who=typed)
    assert found.headers["location"] == f"{PAGE}?persona={scene.ana.id}"
    html = (await page.get(found.headers["location"])).text
    for words in ("Rosa Díaz", scene.ana.full_name, "12:05", "una solicitud"):
        assert words in html, words
    assert (await views(scene))[-1] == Seen(admin.staff_id, "admin", None, {"access-log"})


async def test_by_an_appointments_folio_and_by_reader_and_days(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        await places.seats(session, scene.unit)
        ana = await session.get_one(Person, scene.ana.id)
        booked = await places.booked(session, ana, places.place(scene.unit, places.tomorrow()))
    await seen(scene, NOON)
    await seen(scene, NOON - timedelta(days=3))
    reader = await username(scene, scene.officer.staff_id)
    _admin, page = await administrator(app, scene)
    await page.get(PAGE)
    found = await page.send(PAGE, who=booked.folio, username=reader, since="2026-10-05", until="2026-10-05")
    where = found.headers["location"]
    asked = f"persona={scene.ana.id}&lector={scene.officer.staff_id}&desde=2026-10-05&hasta=2026-10-05"
    assert where == f"{PAGE}?{asked}"
    html = (await page.get(where)).text
    assert "5 de octubre" in html
    assert "2 de octubre" not in html
    for far in ("desde=0001-01-01", "hasta=9999-12-31"):
        html = (await page.get(f"{PAGE}?lector={scene.officer.staff_id}&{far}")).text
        assert "2 de octubre" in html


async def test_what_cannot_be_looked_up_says_why_and_stays_typed(app: FastAPI, scene: Scene) -> None:
    _admin, page = await administrator(app, scene)
    await page.get(PAGE)
    for fields, words in (
        ({}, "Escriba de quién son los datos"),
        ({"who": "Ana"}, "Escriba una CURP, un NSS o un folio completo."),
        ({"who": actors.curp(steps.ago(9_999))}, "No hay una persona con ese dato."),
        ({"username": "no\x00body"}, "No hay nadie con ese nombre de usuario."),
        ({"who": scene.ana.curp, "since": "ayer"}, "Escriba una fecha como 2026-11-24."),
        ({"who": scene.ana.curp, "since": "2026-10-05", "until": "2026-10-04"}, "La última fecha debe ser igual"),
    ):
        answer = await page.send(PAGE, **fields)
        assert (answer.status_code, words in answer.text) == (422, True), fields
        if "since" in fields:
            assert f'value="{fields["since"]}"' in answer.text
    assert await views(scene) == []


async def test_looking_is_an_event(app: FastAPI, scene: Scene) -> None:
    admin, page = await administrator(app, scene)
    await page.get(PAGE)
    await page.get(f"{PAGE}?persona={scene.ana.id}")
    async with scene.db.transaction() as session:
        statement = "SELECT actor_id, payload FROM event WHERE type = 'access-log.viewed' ORDER BY id"
        rows = (await session.execute(text(statement))).all()
    assert [(row.actor_id, row.payload["about_person_id"]) for row in rows] == [
        (admin.staff_id, None),
        (admin.staff_id, str(scene.ana.id)),
    ]


async def search(scene: Scene, by: actors.Officer, **body: Any) -> httpx.Response:
    query = f"?limit={body.pop('limit')}" if "limit" in body else ""
    return await scene.client.post(f"/api/v1/accesses/search{query}", json=body, headers=by.headers)


async def test_the_api_for_administrators(app: FastAPI, scene: Scene) -> None:
    admin, _page = await administrator(app, scene)
    for hours in range(3):
        await seen(scene, NOON - timedelta(hours=hours))
    first = await search(
        scene, admin, who=scene.ana.curp, username=await username(scene, scene.officer.staff_id), limit=2
    )
    assert [one["seen_at"] for one in first.json()] == ["2026-10-05T18:05:00Z", "2026-10-05T17:05:00Z"]
    one = first.json()[0]
    assert (one["person_id"], one["person_name"]) == (str(scene.ana.id), scene.ana.full_name)
    assert (one["reader_id"], one["staff_name"]) == (str(scene.officer.staff_id), "Rosa Díaz")
    again = {"reader_id": str(scene.officer.staff_id)}
    rest = await scene.client.post(first.links["next"]["url"], json=again, headers=admin.headers)
    assert [one["seen_at"] for one in rest.json()] == ["2026-10-05T16:05:00Z"]
    assert (await search(scene, admin, person_id=str(scene.ana.id), since="2026-10-06")).json()[0]["role"] == "admin"
    assert (await search(scene, admin)).status_code == 422
    assert (await search(scene, admin, since="2026-10-06", until="2026-10-05", who="x")).status_code == 422


async def test_only_administrators_and_only_of_their_units(app: FastAPI, scene: Scene) -> None:
    await seen(scene, clock.now())
    for role in (Role.RECEPTIONIST, Role.OFFICER, Role.SUPERVISOR, Role.ANALYST):
        other = await steps.hire(scene, role)
        assert (await search(scene, other, person_id=str(scene.ana.id))).status_code == 403, role
        page = await signed_in_browser(app, scene.db, staff_id=other.staff_id)
        assert (await page.get(PAGE)).status_code == 403, role
        assert PAGE not in (await page.get("/ventanilla")).text
    elsewhere, page = await administrator(app, scene, await steps.unit(scene))
    assert PAGE in (await page.get("/ventanilla")).text
    assert (await search(scene, elsewhere, person_id=str(scene.ana.id))).status_code == 404
    assert (await search(scene, elsewhere, who=scene.ana.curp)).status_code == 422
    assert (await page.get(f"{PAGE}?persona={scene.ana.id}")).status_code == 404
    assert (await search(scene, elsewhere, reader_id=str(scene.officer.staff_id))).json() == []
    here, _page = await administrator(app, scene, scene.unit)
    assert len((await search(scene, here, reader_id=str(scene.officer.staff_id))).json()) == 1
