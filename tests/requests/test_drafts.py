"""Drafts: begun on one device and finished on another, saved page by page, with documents put on and taken off."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.documents.models import Document
from app.kernel import clock, ids
from app.registry.models import Person
from app.requests import jobs
from app.requests.models import Request
from tests.requests import actors, steps
from tests.requests.conftest import Scene


async def begun(scene: Scene, service: str = "complaint", **answers: Any) -> dict[str, Any]:
    started = await scene.citizen.start(service, **answers)
    assert started.status_code == 201, started.text
    found: dict[str, Any] = started.json()
    return found


async def patched(scene: Scene, folio: str, body: str, if_match: str | None = "*") -> httpx.Response:
    """A save as it goes over the wire: JSON that no honest client would write too."""
    headers = scene.citizen.headers | {"Content-Type": "application/json"}
    if if_match is not None:
        headers["If-Match"] = if_match
    return await scene.client.patch(f"/api/v1/requests/{folio}", content=body.encode(), headers=headers)


def fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [field["field"] for field in answer.json().get("fields", [])]


def stored_files(scene_files: Path) -> list[Path]:
    return [path for path in scene_files.rglob("*") if path.is_file()] if scene_files.exists() else []


async def test_begun_again_it_is_the_same_draft(scene: Scene) -> None:
    first = await begun(scene, about="thanks")
    again = await scene.citizen.start("complaint", story="Me atendieron muy bien.")
    assert (again.status_code, again.json()["folio"]) == (200, first["folio"])
    assert again.json()["answers"] == first["answers"] | {"story": "Me atendieron muy bien."}
    assert again.json()["version"] == first["version"] + 1
    untouched = await scene.citizen.start("complaint")
    assert untouched.json()["version"] == first["version"] + 1
    assert len(await steps.facts(scene, first["folio"], "request.started")) == 1


async def test_it_starts_from_what_the_registry_has(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        ana = await session.get(Person, scene.ana.id)
        assert ana is not None
        ana.postal_code, ana.shift = "06700", "V"
    draft = await begun(scene, "clinic-change")
    assert draft["answers"] == {"postal_code": "06700", "unit_id": str(scene.unit.id), "shift": "V"}


async def test_what_the_registry_has_wrong_is_left_to_be_typed(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        ana = await session.get(Person, scene.ana.id)
        assert ana is not None
        ana.postal_code, ana.shift = "670", "N"
    draft = await begun(scene, "clinic-change")
    assert draft["answers"] == {"unit_id": str(scene.unit.id)}


async def test_saved_page_by_page_on_the_version_that_was_read(scene: Scene) -> None:
    draft = await begun(scene, about="thanks")
    folio, version = draft["folio"], draft["version"]
    blind = await patched(scene, folio, '{"answers": {}}', None)
    assert (blind.status_code, blind.json()["type"]) == (428, "/problems/precondition-required")
    await steps.change(scene, folio, changed_at=clock.now() - timedelta(seconds=60))
    saved = await patched(
        scene,
        folio,
        '{"answers": {"story": "  Me atendieron muy bien.  "}, "page": "story", "seconds": 12.5}',
        f'"{version}"',
    )
    assert (saved.status_code, saved.headers["etag"]) == (200, f'"{version + 1}"')
    stale = await patched(scene, folio, '{"answers": {"about": "complaint"}}', f'"{version}"')
    assert (stale.status_code, stale.headers["etag"]) == (412, f'"{version + 1}"')
    assert (await scene.citizen.get(folio))["answers"]["story"] == "Me atendieron muy bien."
    fact = steps.only(await steps.facts(scene, folio, "request.saved"))
    assert (fact.seconds, fact.payload["page"]) == (12.5, "story")
    forgotten = await patched(scene, folio, '{"answers": {"story": null, "about": ""}}')
    assert forgotten.status_code == 200
    assert (await scene.citizen.get(folio))["answers"] == {"unit_id": str(scene.unit.id)}


async def test_the_seconds_a_client_reports_are_at_most_those_that_passed(scene: Scene) -> None:
    folio = (await begun(scene, about="thanks"))["folio"]
    await steps.change(scene, folio, changed_at=clock.now() - timedelta(seconds=60))
    await patched(scene, folio, '{"answers": {}, "page": "story", "seconds": 86000}')
    fact = steps.only(await steps.facts(scene, folio, "request.saved"))
    assert fact.seconds is not None
    assert 60 <= fact.seconds < 120


@pytest.mark.parametrize("page", ["stories", "ana-perez-perez", "x" * 40])
async def test_a_page_that_the_service_does_not_have_is_refused(scene: Scene, page: str) -> None:
    folio = (await begun(scene, about="thanks"))["folio"]
    refused = await patched(scene, folio, f'{{"answers": {{}}, "page": "{page}"}}')
    assert fields(refused) == ["page"]
    assert await steps.facts(scene, folio, "request.saved") == []


@pytest.mark.parametrize("if_match", ['"8", "1"', 'W/"1", "1"', '"1"', "1", "*"])
async def test_a_list_with_the_current_version_is_taken(scene: Scene, if_match: str) -> None:
    draft = await begun(scene)
    assert draft["version"] == 1
    assert (await patched(scene, draft["folio"], '{"answers": {"about": "thanks"}}', if_match)).status_code == 200


@pytest.mark.parametrize(
    "if_match", ['"unknown"', "unknown", '"2", "3"', 'W/"1"', "²", '"1', "5, *", "٣", '"-1"', '"1e0"', '"9999999999"']
)
async def test_a_version_that_never_was_is_stale(scene: Scene, if_match: str) -> None:
    draft = await begun(scene)
    headers = scene.citizen.headers | {"If-Match": if_match.encode(), "Content-Type": "application/json"}
    answer = await scene.client.patch(
        f"/api/v1/requests/{draft['folio']}",
        content=b'{"answers": {"about": "thanks"}}',
        headers=headers,  # type: ignore[arg-type] # bytes as a browser would never send them
    )
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/stale")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('{"answers": {"story": "Es larga como debe ser.", "about": "riot"}}', "about"),
        ('{"answers": {"story": "Es larga como debe ser.", "mood": "sour"}}', "mood"),
        ('{"answers": {"story": "Es larga como debe ser.", "about": 3}}', "about"),
        ('{"answers": {"story": "Es larga como debe ser.", "happened_on": "ayer"}}', "happened_on"),
        ('{"answers": {"story": "corta"}}', "story"),
        ('{"answers": {"story": "Con un \\u0000 en medio."}}', "story"),
        ('{"answers": {"story": "%s"}}' % ("a" * 2001), "story"),
        ('{"answers": {"story": "%s"}}' % ("a" * 4001), None),
        ('{"answers": {"about\\u0000": "thanks"}}', None),
        ('{"answers": {"about": ["thanks"]}}', None),
        ('{"answers": {"about": {"is": "thanks"}}}', None),
        ('{"answers": {"story": "\\ud800 es media letra."}}', None),
        ('{{"answers": {{{}}}}}'.format(", ".join(f'"f{n}": 1' for n in range(61))), None),
        ('{"answers": {"about": "thanks"}, "page": "a\\u0000b"}', None),
        ('{"answers": {"about": "thanks"}, "seconds": NaN}', None),
        ('{"answers": {"about": "thanks"}, "colour": 1}', "colour"),
    ],
)
async def test_a_wrong_answer_is_refused_and_nothing_of_the_page_is_stored(
    scene: Scene, body: str, wrong: str | None
) -> None:
    draft = await begun(scene)
    named = fields(await patched(scene, draft["folio"], body))
    assert named
    if wrong is not None:
        assert any(field.endswith(wrong) for field in named), named
    after = await scene.citizen.get(draft["folio"])
    assert (after["answers"], after["version"]) == (draft["answers"], draft["version"])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400, "0", "10001"])
async def test_numbers_no_wage_can_be(scene: Scene, number: str) -> None:
    draft = await begun(scene, "modality-40")
    answer = await patched(scene, draft["folio"], f'{{"answers": {{"daily_wage": {number}}}}}')
    assert fields(answer) == ["daily_wage"]


@pytest.mark.parametrize("number", ["579.37", "1000", "1000.00", "1111.11"])
async def test_every_wage_in_pesos_and_cents_is_taken(scene: Scene, number: str) -> None:
    draft = await begun(scene, "modality-40")
    answer = await patched(scene, draft["folio"], f'{{"answers": {{"daily_wage": {number}}}}}')
    assert answer.status_code == 200, answer.text


async def test_more_than_a_body_may_be(scene: Scene) -> None:
    draft = await begun(scene)
    answer = await patched(scene, draft["folio"], '{"answers": {"story": "%s"}}' % ("a" * 1_100_000))
    assert answer.status_code == 413


async def test_documents_are_attached_and_removed(scene: Scene, files: Path) -> None:
    folio = (await begun(scene, **steps.STORY))["folio"]
    attached = await scene.citizen.attach(folio, "evidence", actors.picture("red"), name="../../foto mía.jpg")
    assert attached.status_code == 201, attached.text
    assert attached.json()["file_name"] == "foto mía.png"
    where = f"/api/v1/requests/{folio}/documents/{attached.json()['id']}"
    got = await scene.client.get(where, headers=scene.citizen.headers)
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, actors.picture("red"), "image/png")
    assert "attachment" in got.headers["content-disposition"]
    assert len(stored_files(files)) == 1
    removed = await scene.client.delete(where, headers=scene.citizen.headers)
    assert removed.status_code == 204
    assert (stored_files(files), (await scene.citizen.get(folio))["documents"]) == ([], [])
    assert (await scene.client.get(where, headers=scene.citizen.headers)).status_code == 404


async def test_only_documents_that_are_asked_for(scene: Scene, files: Path) -> None:
    folio = (await begun(scene))["folio"]
    strange = await scene.citizen.attach(folio, "passport")
    assert (strange.status_code, strange.json()["type"]) == (422, "/problems/document-not-expected")
    nul = await scene.citizen.attach(folio, "evidence\x00")
    assert nul.status_code == 422
    program = await scene.citizen.attach(folio, "evidence", b"#!/bin/sh\n", name="foto.png")
    assert (program.status_code, program.json()["type"]) == (422, "/problems/file-not-accepted")
    child = await begun(scene, "dependant-add", kinship="spouse")
    later = await scene.citizen.attach(child["folio"], "study-proof")
    assert (later.status_code, later.json()["type"]) == (422, "/problems/document-not-expected")
    assert stored_files(files) == []


async def test_at_most_twenty_documents(scene: Scene) -> None:
    folio = (await begun(scene))["folio"]
    row = await steps.row(scene, folio)
    async with scene.db.transaction() as session:
        first = await scene.citizen.attach(folio, "evidence")
        stored = await session.scalar(select(Document).where(Document.subject_id == row.id))
        assert stored is not None
        values = {name: getattr(stored, name) for name in Document.__table__.columns.keys() if name != "id"}  # noqa: SIM118
        session.add_all([Document(id=ids.new_id(), **values) for _ in range(19)])
    assert first.status_code == 201
    more = await scene.citizen.attach(folio, "evidence")
    assert (more.status_code, more.json()["type"]) == (409, "/problems/too-many-documents")


async def test_a_document_is_served_with_its_own_request_only(scene: Scene) -> None:
    mine = (await begun(scene))["folio"]
    other = (await begun(scene, "data-correct", **actors.sex()))["folio"]
    document = (await scene.citizen.attach(mine, "evidence")).json()["id"]
    stranger = await steps.create_person(scene)
    for who, folio in ((scene.citizen, other), (stranger, mine), (scene.officer, mine), (scene.citizen, "R-NO")):
        where = f"/api/v1/requests/{folio}/documents/{document}"
        assert (await scene.client.get(where, headers=who.headers)).status_code == 404, folio
        if isinstance(who, actors.Citizen):
            assert (await scene.client.delete(where, headers=who.headers)).status_code == 404, folio
    for verb in ("get", "delete"):
        answer = await scene.client.request(verb, f"/api/v1/requests/{mine}", headers=stranger.headers)
        assert answer.status_code == 404
    assert (await stranger.attach(mine, "evidence")).status_code == 404
    assert (await stranger.save(mine, about="thanks")).status_code == 404
    assert (await stranger.submit(mine)).status_code == 404


async def test_discarded_with_its_documents(scene: Scene, files: Path) -> None:
    folio = (await begun(scene))["folio"]
    await scene.citizen.attach(folio, "evidence")
    where = f"/api/v1/requests/{folio}"
    assert (await scene.client.delete(where, headers=scene.citizen.headers)).status_code == 204
    assert (await scene.client.get(where, headers=scene.citizen.headers)).status_code == 404
    assert (stored_files(files), await steps.how_many(scene, Document), await steps.how_many(scene, Request)) == (
        [],
        0,
        0,
    )
    assert len(await steps.facts(scene, folio, "request.discarded")) == 1
    assert (await begun(scene))["folio"] != folio


async def test_what_was_submitted_is_no_draft_any_more(scene: Scene) -> None:
    done = await scene.citizen.submit_request("data-correct", **actors.sex())
    document, where = done["documents"][0]["id"], f"/api/v1/requests/{done['folio']}"
    for answer in (
        await scene.citizen.save(done["folio"], value="H"),
        await scene.citizen.attach(done["folio"], "identification"),
        await scene.citizen.submit(done["folio"]),
        await scene.client.delete(where, headers=scene.citizen.headers),
        await scene.client.delete(f"{where}/documents/{document}", headers=scene.citizen.headers),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-state")


async def test_old_drafts_are_deleted_with_their_documents(scene: Scene, files: Path) -> None:
    old, fresh = (await begun(scene))["folio"], (await begun(scene, "data-correct"))["folio"]
    handed_in = await steps.complain(scene, await steps.create_person(scene))
    await scene.citizen.attach(old, "evidence")
    long_ago = clock.now() - timedelta(days=31)
    for folio in (old, handed_in):
        await steps.change(scene, folio, changed_at=long_ago)
    assert await jobs.delete_stale_drafts_batch(clock.now() - timedelta(days=30)) == 1
    assert (await scene.client.get(f"/api/v1/requests/{old}", headers=scene.citizen.headers)).status_code == 404
    assert stored_files(files) == []
    assert [(await steps.row(scene, folio)).folio for folio in (fresh, handed_in)] == [fresh, handed_in]


async def test_a_draft_a_person_is_writing_just_now_is_not_forgotten(scene: Scene) -> None:
    folio = (await begun(scene))["folio"]
    await steps.change(scene, folio, changed_at=clock.now() - timedelta(days=31))
    async with scene.db.transaction() as session:
        row = await session.scalar(select(Request).where(Request.folio == folio).with_for_update())
        assert row is not None
        row.changed_at = clock.now()
        assert await jobs.delete_stale_drafts_batch(clock.now() - timedelta(days=30)) == 0
    assert await jobs.delete_stale_drafts_batch(clock.now() - timedelta(days=30)) == 0


async def test_a_list_of_one_s_requests_is_filtered_and_counted(scene: Scene) -> None:
    for number in range(2):
        await scene.citizen.submit_request("complaint", about="thanks", story=f"Gracias por todo {number}.")
    await scene.citizen.start("pension")

    async def listed(**query: Any) -> tuple[list[str], str | None]:
        answer = await scene.client.get("/api/v1/requests", params=query, headers=scene.citizen.headers)
        return [one["service"] for one in answer.json()], answer.headers.get("Total-Count")

    assert await listed() == (["pension", "complaint", "complaint"], "3")
    assert await listed(limit=1, kind="review") == (["complaint"], "2")
    assert await listed(service=["pension", "weeks"]) == (["pension"], "1")
    assert await listed(service="pension", kind="final") == ([], "0")
    first = await scene.client.get("/api/v1/requests?limit=2&kind=review&kind=draft", headers=scene.citizen.headers)
    following = first.headers["Link"].partition(">")[0].removeprefix("<")
    rest = await scene.client.get(following, headers=scene.citizen.headers)
    assert ([one["service"] for one in rest.json()], rest.headers.get("Total-Count")) == (["complaint"], None)
