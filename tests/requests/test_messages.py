"""A citizen's message about a request that doesn't wait for staff reaches the queue, and is answered or resolved."""

import asyncio
from datetime import date
from typing import Any

import pytest

from app.kernel.actor import Role
from app.requests import jobs
from app.requests.rules.clock import add_working_days
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import asked, ended, to_visit, waiting

ENDS = ("approved", "refused", "withdrawn", "lapsed")


async def listed(scene: Scene, query: str = "kind=message", by: actors.Officer | None = None) -> list[dict[str, Any]]:
    answer = await scene.client.get(f"/api/v1/work?{query}", headers=(by or scene.officer).headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def counted(scene: Scene) -> int:
    answer = await scene.client.get("/api/v1/work/counts", headers=scene.officer.headers)
    return int(answer.json()["messages"])


@pytest.mark.parametrize("how", ENDS)
async def test_a_message_on_one_that_ended_is_work_until_it_is_answered(scene: Scene, how: str) -> None:
    folio = await ended(scene, how)
    assert (await scene.citizen.get(folio))["reply_by"] is None
    assert (await scene.citizen.post(folio, "messages", body="¿Y ahora?")).status_code == 204
    (row,) = await listed(scene)
    due = add_working_days(steps.TODAY, 3, await rest(scene))
    assert (row["folio"], row["kind"], row["role"], row["due_on"]) == (folio, "message", "officer", due.isoformat())
    assert (await scene.citizen.get(folio))["reply_by"] == due.isoformat()
    assert await counted(scene) == 1
    assert await listed(scene, "kind=decision") == []
    claimed = await scene.officer.post("claim")
    assert claimed.json()["folio"] == folio
    # It is to be answered, and nothing else.
    decided = await scene.officer.decide(folio, "approve", "answered")
    assert (decided.status_code, decided.json()["type"]) == (409, "/problems/wrong-state")
    noted = await scene.client.post(
        f"/api/v1/requests/{folio}/messages", json={"body": "Llamé.", "note": True}, headers=scene.officer.keyed()
    )
    assert (noted.status_code, await counted(scene)) == (204, 1)
    answered = await scene.client.post(
        f"/api/v1/requests/{folio}/messages", json={"body": "Pase cuando guste."}, headers=scene.officer.keyed()
    )
    assert (answered.status_code, await counted(scene)) == (204, 0)
    seen = await scene.citizen.get(folio)
    assert (seen["outcome"], seen["reply_by"]) == (how, None)
    assert await steps.item(scene, folio) is None


async def rest(scene: Scene) -> frozenset[date]:
    from app.requests.queries.facts import non_working_days

    async with scene.db.transaction() as session:
        return await non_working_days(session, scene.unit.id)


async def test_several_messages_at_once_are_one_piece_of_work(scene: Scene) -> None:
    folio = await ended(scene, "approved")
    sent = await asyncio.gather(*[scene.citizen.post(folio, "messages", body=f"¿Y ahora {n}?") for n in range(3)])
    assert [one.status_code for one in sent] == [204] * 3
    assert len(await listed(scene)) == 1


async def test_a_message_while_it_waits_for_the_citizen_or_a_visit_is_seen_too(scene: Scene) -> None:
    folio = await waiting(scene, scene.citizen)
    await scene.citizen.post(folio, "messages", body="¿Cuál documento?")
    assert [row["folio"] for row in await listed(scene)] == [folio]
    # Its answer brings the request itself to the queue, with the message.
    await scene.citizen.post(folio, "answer", body="El lunes.")
    assert await listed(scene) == []
    assert [row["kind"] for row in await listed(scene, "")] == ["decision"]
    with_visit, _start_at = await to_visit(scene)
    who = actors.Citizen(scene.client, (await steps.row(scene, with_visit)).person_id)
    await who.post(with_visit, "messages", body="¿Qué llevo?")
    assert [row["folio"] for row in await listed(scene)] == [with_visit]


async def test_it_survives_the_end_of_the_request(scene: Scene) -> None:
    folio = await waiting(scene, scene.citizen)
    await scene.citizen.post(folio, "messages", body="Me operan el lunes.")
    await steps.change(scene, folio, answer_by=date(2020, 1, 1))
    assert await jobs.lapse_batch() == 1
    assert [row["folio"] for row in await listed(scene)] == [folio]


async def test_while_it_waits_for_staff_it_is_read_with_the_request(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.citizen.post(folio, "messages", body="¿Cómo va?")
    assert [row["kind"] for row in await listed(scene, "")] == ["decision"]
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    assert (await scene.citizen.post(draft, "messages", body="¿?")).status_code == 409


async def test_who_read_it_may_say_that_it_needs_no_answer(scene: Scene) -> None:
    folio = await ended(scene, "approved")
    nothing = await scene.officer.post(f"{folio}/resolve-message")
    assert (nothing.status_code, nothing.json()["type"]) == (409, "/problems/wrong-state")
    await scene.citizen.post(folio, "messages", body="Gracias.")
    other = await steps.hire(scene, Role.OFFICER)
    await other.claim(folio)
    held = await scene.officer.post(f"{folio}/resolve-message")
    assert (held.status_code, held.json()["type"]) == (409, "/problems/claimed-by-another")
    written = await scene.client.post(
        f"/api/v1/requests/{folio}/messages", json={"body": "De nada."}, headers=scene.officer.keyed()
    )
    assert (written.status_code, written.json()["type"]) == (409, "/problems/claimed-by-another")
    assert (await other.post(f"{folio}/resolve-message")).status_code == 204
    assert await listed(scene) == []
    assert len(await steps.facts(scene, folio, "request.message-resolved")) == 1
    stranger = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert (await stranger.post(f"{folio}/resolve-message")).status_code == 404
    # An open decision isn't put away so.
    opened = await steps.complain(scene, await steps.create_person(scene))
    assert (await scene.officer.post(f"{opened}/resolve-message")).status_code == 409
    assert await steps.item(scene, opened) is not None


async def test_it_is_assigned_and_transferred_like_other_work(scene: Scene) -> None:
    folio = await ended(scene, "refused")
    await scene.citizen.post(folio, "messages", body="¿Por qué?")
    boss, there = await scene.supervisor(), await steps.unit(scene)
    assert (await boss.post(f"{folio}/assign", {"staff_id": str(scene.officer.staff_id)})).status_code == 204
    assert (await boss.post(f"{folio}/transfer", {"unit_id": str(there.id)})).status_code == 204
    far = await steps.hire(scene, Role.OFFICER, there)
    (row,) = await listed(scene, by=far)
    assert (row["folio"], row["holder_id"]) == (folio, None)
    assert await listed(scene) == []


async def test_an_appeal_takes_it_over(scene: Scene) -> None:
    folio = await ended(scene, "refused")
    await scene.citizen.post(folio, "messages", body="¿Por qué?")
    assert (await scene.citizen.post(folio, "appeal", body="Sí es suyo.")).status_code == 200
    boss = await scene.supervisor()
    (row,) = await listed(scene, "", boss)
    assert (row["kind"], row["role"]) == ("decision", "supervisor")


async def test_documents_are_not_reviewed_for_a_message(scene: Scene) -> None:
    folio = await asked(scene)
    row = await steps.row(scene, folio)
    who = actors.Citizen(scene.client, row.person_id)
    document = (await who.get(folio))["documents"][0]["id"]
    await who.post(folio, "withdraw")
    await who.post(folio, "messages", body="Me equivoqué.")
    await scene.officer.claim(folio)
    validated = await scene.officer.post(f"{folio}/documents/{document}", {"accept": True})
    assert (validated.status_code, validated.json()["type"]) == (409, "/problems/wrong-state")
