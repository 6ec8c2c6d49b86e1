"""A request is submitted with its documents' bytes, which are looked at while no transaction is open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.documents import storage
from app.documents.service import documents_of, store_upload
from app.kernel.actor import Assurance, Citizen
from app.kernel.problems import Conflict
from app.requests.service import attachments, submission
from tests.documents.factories import ANY, upload
from tests.requests import actors, steps
from tests.requests.conftest import Scene, forget

KINDS = ("identification", "birth-certificate")


async def ready(scene: Scene) -> str:
    """A correction of data with all its documents."""
    folio = (await scene.citizen.start("data-correct", field="name", second_surname="Muñoz")).json()["folio"]
    for kind in KINDS:
        assert (await scene.citizen.attach(folio, kind)).status_code == 201
    return str(folio)


def lost(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def changed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"x")


@pytest.mark.parametrize("harm", [lost, cut, changed])
async def test_a_document_whose_bytes_are_not_those_received_is_missing(
    scene: Scene, files: Path, harm: Callable[[Path], None]
) -> None:
    folio = await ready(scene)
    row = await steps.row(scene, folio)
    first = (await scene.citizen.get(folio))["documents"][0]
    async with scene.db.transaction() as session:
        [key] = [
            one.storage_key for one in await documents_of(session, row.person_id, row.id) if str(one.id) == first["id"]
        ]
    harm(files / key)
    refused = await scene.citizen.submit(folio)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/documents-missing")
    message = "El archivo ya no está disponible. Quítelo y adjúntelo otra vez."
    assert refused.json()["fields"] == [{"field": first["kind"], "code": "absent_document", "message": message}]
    assert (await scene.citizen.get(folio))["kind"] == "draft"
    where = f"/api/v1/requests/{folio}/documents/{first['id']}"
    assert (await scene.client.delete(where, headers=scene.citizen.headers)).status_code == 204
    assert (await scene.citizen.attach(folio, first["kind"])).status_code == 201
    assert (await scene.citizen.submit(folio)).status_code == 200


async def test_one_attached_since_they_were_verified_has_to_be_verified_too(scene: Scene) -> None:
    folio = await ready(scene)
    actor = Citizen(scene.ana.id, assurance=Assurance.FULL)
    async with scene.db.transaction() as session:
        verified = await attachments.verify_documents(session, actor, folio)
    assert (await scene.citizen.attach(folio, KINDS[0])).status_code == 201
    with pytest.raises(Conflict):
        async with scene.db.transaction() as session:
            await submission.submit(session, actor, folio, verified=verified)
    assert (await scene.citizen.submit(folio)).status_code == 200


async def test_an_answer_needs_its_documents_bytes_as_well(scene: Scene, files: Path) -> None:
    folio = await ready(scene)
    assert (await scene.citizen.submit(folio)).status_code == 200
    await scene.officer.claim(folio)
    asked = {"body": "Otra vez, por favor.", "documents": [KINDS[0]]}
    assert (await scene.officer.post(f"{folio}/ask", asked)).status_code == 200
    before = set(files.rglob("*"))
    assert (await scene.citizen.attach(folio, KINDS[0])).status_code == 201
    [new] = [path for path in set(files.rglob("*")) - before if path.is_file()]
    new.unlink()
    refused = await scene.citizen.post(folio, "answer", body="Aquí está.")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/documents-missing")


@pytest.fixture
async def hanging(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], int]]:
    """From when it is called, documents are in an S3 that takes connections and never answers; how many it took."""
    over, taken = asyncio.Event(), 0

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        taken += 1
        await over.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    given = {"ENDPOINT_URL": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "ALLOW_HTTP": "true"}
    given |= {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "REGION": "mx"}

    def begin() -> int:
        if taken == 0 and not given.pop("done", None):
            for name, value in given.items():
                monkeypatch.setenv(f"AWS_{name}", value)
            monkeypatch.setenv("VENTANILLA_STORAGE_URL", "s3://expedientes")
            monkeypatch.setattr(storage, "TIMEOUT_SECONDS", 5.0)
            forget()
        return taken

    async with server:
        yield begin
        over.set()


async def test_a_store_that_hangs_holds_no_connection_and_no_lock(scene: Scene, hanging: Callable[[], int]) -> None:
    """More callers hang than there are connections; others are served meanwhile, and each gets a clear answer."""
    folio = await ready(scene)
    document = (await scene.citizen.get(folio))["documents"][0]["id"]
    where = f"/api/v1/requests/{folio}/documents/{document}"
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: scene.citizen.attach(folio, KINDS[0]),
        lambda: scene.citizen.submit(folio),
        lambda: scene.client.get(where, headers=scene.citizen.headers),
    ]
    hanging()
    waiting = [asyncio.ensure_future(call()) for call in calls for _ in range(3)]
    pool: Any = scene.db.engine.pool
    while hanging() < len(calls) or pool.checkedout():  # each holds one no longer than it takes to look
        await asyncio.sleep(0.05)
    assert not any(one.done() for one in waiting)
    assert (await scene.citizen.save(folio, explanation="Así es.")).status_code == 200, "the row is not locked"
    answers = await asyncio.gather(*waiting)
    assert {(one.status_code, one.json()["type"]) for one in answers} == {(503, "/problems/storage-unavailable")}
    assert len((await scene.citizen.get(folio))["documents"]) == len(KINDS)


async def test_a_file_stored_for_a_request_that_changed_meanwhile_is_removed(scene: Scene, files: Path) -> None:
    folio = await ready(scene)
    actor = Citizen(scene.ana.id, assurance=Assurance.FULL)
    stored = await store_upload(scene.ana.id, upload(actors.picture("blue")), formats=ANY, max_mb=1)
    assert (await scene.citizen.submit(folio)).status_code == 200
    count = len([path for path in files.rglob("*") if path.is_file()])
    with pytest.raises(Exception, match="wrong-state"):
        async with scene.db.transaction() as session:
            await attachments.add_stored(session, actor, folio, stored)
    assert (await scene.citizen.attach(folio, KINDS[0])).status_code == 409
    assert len([path for path in files.rglob("*") if path.is_file()]) == count


async def test_an_upload_sent_twice_is_one_document(scene: Scene) -> None:
    """Of the same key, whatever the boundary between the parts of the form; other bytes are another request."""
    draft = (await scene.citizen.start("complaint")).json()
    keyed, url = scene.citizen.keyed(), f"/api/v1/requests/{draft['folio']}/documents"

    async def send(colour: str, name: str = "foto.png") -> httpx.Response:
        files = {"file": (name, actors.picture(colour))}
        return await scene.client.post(url, data={"kind": "evidence"}, files=files, headers=keyed)

    first, again = await send("white"), await send("white")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    for other in (await send("black"), await send("white", "otra.png")):
        assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert len((await scene.citizen.get(draft["folio"]))["documents"]) == 1
