"""Pages that say when they have changed, by streams of a portal as it really runs: who may read them and for how long,
what is in them, and what they miss while they or the server are away."""

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.service.revocation import revoke_all_access
from app.identity.service.sessions import start_session
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import clock
from app.kernel.actor import Assurance, Role
from app.kernel.http.sse import HEARTBEAT_SECONDS
from bench.event_streams import StreamReader
from tests.appointments import factories as places
from tests.conftest import Database
from tests.portal import Portal, running
from tests.requests import actors, steps
from tests.requests.conftest import Scene, files, scene
from tests.reuse import ReusedDatabase
from tests.web.browser import signed_in_browser

__all__ = ["files", "scene"]

VERSION = re.compile(r"[0-9a-f]{16}")
SOON = 5.0
END = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE application_name = 'ventanilla-listen' AND datname = current_database()"
)


@pytest.fixture(scope="module")
def portal(own_database: ReusedDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One for all tests here: each has people of its own."""
    log = tmp_path_factory.mktemp("live") / "portal.log"
    with running(own_database.url, log, workers=2, jobs=False) as portal:
        yield portal


async def cookie(db: Database, *, person_id: UUID | None = None, staff_id: UUID | None = None) -> dict[str, str]:
    """A session, as its browser sends it."""
    async with db.transaction() as session:
        _row, token = await start_session(session, person_id=person_id, staff_id=staff_id, assurance=Assurance.FULL)
    return {"Cookie": f"ventanilla={token}"}


async def opened(portal: Portal, path: str, headers: dict[str, str], last: str = "") -> StreamReader:
    return await StreamReader(portal.port, path, headers=headers, last_event_id=last).open()


async def caught_up(portal: Portal, path: str, headers: dict[str, str]) -> StreamReader:
    """A stream that has sent the version of now."""
    stream = await opened(portal, path, headers)
    assert stream.status == 200, stream.head
    await stream.until(lambda one: len(one.messages) == 1)
    return stream


async def another_version(stream: StreamReader) -> None:
    """Wait until it says that there is one, and nothing else."""
    before = len(stream.messages)
    await stream.until(lambda one: len(one.messages) > before, SOON)
    for message in stream.messages:
        assert set(message.data) == {"version"}
        assert VERSION.fullmatch(message.data["version"])


async def book(scene: Scene) -> str:
    async with scene.db.transaction() as session:
        (start_at, _later) = await places.seats(session, scene.unit, count=2)
    held = {"unit_id": str(scene.unit.id), "service": "family-medicine", "room": 1, "start_at": start_at.isoformat()}
    hold = await scene.client.post("/api/v1/holds", json=held, headers=scene.citizen.keyed())
    assert hold.status_code == 201, hold.text
    body = {"hold_id": hold.json()["id"]}
    booked = await scene.client.post("/api/v1/appointments", json=body, headers=scene.citizen.keyed())
    assert booked.status_code == 201, booked.text
    folio: str = booked.json()["folio"]
    return folio


async def test_a_request_that_changes_is_another_version(scene: Scene, portal: Portal) -> None:
    folio = await steps.complain(scene, scene.citizen)
    stream = await caught_up(portal, f"/tramites/{folio}/eventos", await cookie(scene.db, person_id=scene.ana.id))
    program = await caught_up(portal, f"/api/v1/requests/{folio}/events", scene.citizen.headers)
    await asyncio.gather(another_version(stream), another_version(program), scene.officer.claim(folio))
    answered = scene.officer.decide(folio, "approve", "answered")
    await asyncio.gather(another_version(stream), another_version(program), answered)
    assert folio not in repr(stream.messages)
    await stream.close()
    await program.close()


async def test_an_appointment_that_is_moved_or_cancelled_is_another_version(scene: Scene, portal: Portal) -> None:
    folio = await book(scene)
    stream = await caught_up(portal, f"/citas/{folio}/eventos", await cookie(scene.db, person_id=scene.ana.id))
    program = await caught_up(portal, f"/api/v1/appointments/{folio}/events", scene.citizen.headers)
    where = {"room": 1, "start_at": (places.tomorrow() + timedelta(minutes=15)).isoformat()}
    path = f"/api/v1/appointments/{folio}"
    headers = scene.citizen.keyed() | {"If-Match": "*"}
    moved = await scene.client.post(f"{path}/move", json=where, headers=headers)
    assert moved.status_code == 200, moved.text
    await asyncio.gather(another_version(stream), another_version(program))
    headers = scene.citizen.keyed() | {"If-Match": "*"}
    cancelled = await scene.client.post(f"{path}/cancel", json={"reason": "other"}, headers=headers)
    assert cancelled.status_code == 200, cancelled.text
    await asyncio.gather(another_version(stream), another_version(program))
    await stream.close()
    await program.close()


async def test_a_page_is_sent_what_it_missed_and_nothing_twice(app: FastAPI, scene: Scene, portal: Portal) -> None:
    """A page opens its stream with the version it shows: what came in between is sent, and nothing when none did."""
    folio = await steps.complain(scene, scene.citizen)
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    page = (await browser.get(f"/tramites/{folio}")).text
    shown = re.search(rf'data-live="/tramites/{folio}/eventos" data-last="([^"]+)"', page)
    assert shown
    headers = await cookie(scene.db, person_id=scene.ana.id)
    path = f"/tramites/{folio}/eventos"
    same = await opened(portal, path, headers, shown[1])
    await same.until(lambda one: one.comments > 0)
    await same.close()
    assert same.messages == []
    await scene.officer.claim(folio)
    again = await opened(portal, path, headers, shown[1])
    await another_version(again)
    await again.close()


@pytest.mark.parametrize("kind", ["tramites", "citas"])
async def test_a_folio_is_not_enough(scene: Scene, portal: Portal, kind: str) -> None:
    folio = await (steps.complain(scene, scene.citizen) if kind == "tramites" else book(scene))
    luis = await steps.create_person(scene)
    theirs = await cookie(scene.db, person_id=luis.person_id)
    officers = await cookie(scene.db, staff_id=scene.officer.staff_id)
    for headers, status in (({}, 401), (theirs, 404), (officers, 401)):
        stream = await opened(portal, f"/{kind}/{folio}/eventos", headers)
        await stream.close()
        assert stream.status == status
    api = {"tramites": "requests", "citas": "appointments"}[kind]
    for headers, status in (({}, 401), (luis.headers, 404), (scene.officer.headers, 403)):
        stream = await opened(portal, f"/api/v1/{api}/{folio}/events", headers)
        await stream.close()
        assert stream.status == status


async def test_it_ends_with_the_session_before_anything_more_is_sent(scene: Scene, portal: Portal) -> None:
    """Signed out, frozen, revoked: with the next change, and without one at the next heartbeat."""
    folio, quiet = await steps.complain(scene, scene.citizen), await book(scene)
    headers = await cookie(scene.db, person_id=scene.ana.id)
    streams = [
        await caught_up(portal, f"/tramites/{folio}/eventos", headers),
        await caught_up(portal, f"/api/v1/requests/{folio}/events", scene.citizen.headers),
    ]
    waiting = await caught_up(portal, f"/citas/{quiet}/eventos", headers)
    async with scene.db.transaction() as session:
        await revoke_all_access(session, scene.ana.id)
    await scene.officer.claim(folio)
    for stream in streams:
        await stream.until(lambda one: one.is_over, SOON)
        assert len(stream.messages) == 1
    await waiting.until(lambda one: one.is_over, HEARTBEAT_SECONDS + SOON)
    assert len(waiting.messages) == 1


async def test_a_token_that_expires_ends_its_stream(scene: Scene, portal: Portal) -> None:
    folio = await steps.complain(scene, scene.citizen)
    ends = clock.now() + timedelta(seconds=2)
    token, _life = issue_access_token(CITIZEN, scene.ana.id, assurance=Assurance.FULL, ends=ends)
    stream = await caught_up(portal, f"/api/v1/requests/{folio}/events", {"Authorization": f"Bearer {token}"})
    await asyncio.sleep(2.5)
    await scene.officer.claim(folio)
    await stream.until(lambda one: one.is_over, SOON)
    assert len(stream.messages) == 1


async def seen_at(scene: Scene) -> datetime:
    async with scene.db.transaction() as session:
        found: datetime = await session.scalar(text("SELECT max(seen_at) FROM web_session"))
    return found


async def test_reading_does_not_prolong_the_session(scene: Scene, portal: Portal) -> None:
    folio = await steps.complain(scene, scene.citizen)
    headers = await cookie(scene.db, person_id=scene.ana.id)
    await steps.run(scene, "UPDATE web_session SET seen_at = seen_at - interval '5 minutes'")
    before = await seen_at(scene)
    stream = await caught_up(portal, f"/tramites/{folio}/eventos", headers)
    await scene.officer.claim(folio)
    await another_version(stream)
    await stream.close()
    assert await seen_at(scene) == before


async def test_the_queue_is_that_of_ones_units(scene: Scene, portal: Portal) -> None:
    async with scene.db.transaction() as session:
        elsewhere = await places.unit(session)
    other = await actors.hire(scene.db, scene.client, Role.OFFICER, elsewhere)
    everywhere = await actors.hire(scene.db, scene.client, Role.SUPERVISOR)
    path = "/ventanilla/cola/eventos"
    mine, theirs, all_of_them = [
        await caught_up(portal, path, await cookie(scene.db, staff_id=one.staff_id))
        for one in (scene.officer, other, everywhere)
    ]
    folio = await steps.complain(scene, scene.citizen)
    await asyncio.gather(another_version(mine), another_version(all_of_them))
    claimed = await scene.officer.post("claim")
    assert claimed.json()["folio"] == folio
    await asyncio.gather(another_version(mine), another_version(all_of_them))
    assert len(theirs.messages) == 1
    # Moved to another unit: it was the queue of the first.
    who = f"staff_id = '{scene.officer.staff_id}'"
    await steps.run(scene, f"UPDATE staff_unit SET unit_id = '{elsewhere.id}' WHERE {who}")
    await steps.complain(scene, await steps.create_person(scene))
    await mine.until(lambda one: one.is_over, SOON)
    for stream in (theirs, all_of_them):
        await stream.close()
    receptionist = await actors.hire(scene.db, scene.client, Role.RECEPTIONIST, scene.unit)
    for headers, status in (({}, 401), (await cookie(scene.db, staff_id=receptionist.staff_id), 403)):
        refused = await opened(portal, path, headers)
        await refused.close()
        assert refused.status == status


@pytest.mark.faults
async def test_what_changed_while_the_server_was_killed_is_sent_when_it_is_back(scene: Scene, portal: Portal) -> None:
    folio = await steps.complain(scene, scene.citizen)
    headers, path = await cookie(scene.db, person_id=scene.ana.id), f"/tramites/{folio}/eventos"
    stream = await caught_up(portal, path, headers)
    portal.kill_web()
    await stream.until(lambda one: one.is_over)
    await scene.officer.claim(folio)
    await asyncio.to_thread(portal.start_web)
    again = await opened(portal, path, headers, stream.messages[-1].id)
    await another_version(again)
    await again.close()


@pytest.mark.faults
async def test_the_listening_connection_is_cut(scene: Scene, portal: Portal) -> None:
    folio = await steps.complain(scene, scene.citizen)
    stream = await caught_up(portal, f"/tramites/{folio}/eventos", await cookie(scene.db, person_id=scene.ana.id))
    async with scene.db.transaction() as session:
        await session.execute(END)
    await scene.officer.claim(folio)
    await stream.until(lambda one: len(one.messages) > 1, 10)
    await stream.close()
