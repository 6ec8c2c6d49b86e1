"""SMART Scheduling Links: the manifest, its files, what changed since an instant, and the page that a time links to."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import time_machine
from fastapi import FastAPI

from app.interop.fhir.cached_files import LIFETIME
from app.kernel import clock
from tests.appointments import factories
from tests.interop.fhir.conftest import BASE, Scene
from tests.web.browser import signed_in_browser


async def manifest(scene: Scene, since: str = "") -> list[dict[str, str]]:
    answer = await scene.client.get(f"{BASE}/$bulk-publish", params={"_since": since} if since else {})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.json()["output"]
    return found


async def lines(scene: Scene, url: str) -> list[dict[str, str]]:
    answer = await scene.client.get(url)
    assert answer.headers["content-type"].startswith("application/fhir+ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_the_manifest_leads_to_places_schedules_and_free_times(scene: Scene) -> None:
    files = await manifest(scene)
    assert [one["type"] for one in files] == ["Location", "Schedule", "Slot"]
    locations, schedules, slots = [await lines(scene, one["url"]) for one in files]
    assert [one["id"] for one in locations] == [str(scene.unit.id)]
    assert [one["id"] for one in slots] == [scene.slot(number) for number in range(4)]
    assert {one["schedule"]["reference"] for one in slots} == {f"Schedule/{one['id']}" for one in schedules}  # type: ignore[index] # a reference
    await scene.booked()
    with time_machine.travel(clock.now() + LIFETIME, tick=True):
        left = await lines(scene, files[2]["url"])
    assert [one["id"] for one in left] == [scene.slot(number) for number in (1, 2, 3)]


async def test_since_leaves_out_units_where_nothing_changed(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        quiet = await factories.unit(session)
        other = await factories.unit(session)
        for unit in (quiet, other):
            await factories.schedule(session, unit, horizon_days=0)
    later = clock.now() + timedelta(minutes=45)  # what made these units is past by then
    assert [one["type"] for one in await manifest(scene, later.isoformat())] == ["Location", "Schedule"]
    long_ago = clock.now() - timedelta(hours=3)
    assert len([one for one in await manifest(scene, long_ago.isoformat()) if one["type"] == "Slot"]) == 3
    await scene.booked()
    recent = [one["url"] for one in await manifest(scene, clock.now().isoformat()) if one["type"] == "Slot"]
    assert any(scene.unit.clues in url for url in recent)
    refused = await scene.client.get(f"{BASE}/$bulk-publish?_since=yesterday")
    assert refused.status_code == 422


async def test_the_link_of_a_time_opens_it(scene: Scene, app: FastAPI) -> None:
    slot = (await scene.client.get(f"{BASE}/Slot/{scene.slot(2)}")).json()
    path = urlsplit(slot["extension"][0]["valueUrl"]).path
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    page = await browser.get(path)
    chosen = f'value="{scene.times[2].isoformat()}|1"'.replace("+", "&#43;")
    assert page.status_code == 200, page.text
    radio = next(part for part in page.text.split("<input") if chosen in part or chosen.replace("&#43;", "+") in part)
    assert "checked" in radio.partition(">")[0]
    assert (await browser.get("/citas/horario/none")).status_code == 404
    await scene.booked(1, scene.other)
    taken = await browser.get(path.replace(scene.slot(2), scene.slot(1)))
    assert (taken.status_code, "Los más cercanos" in taken.text) == (409, True)
    signed_out: httpx.Response = await scene.client.get(path, headers={"Accept": "text/html"})
    assert (signed_out.status_code, "next" in signed_out.headers["location"]) == (303, True)
