"""Deciding: only what one holds, for reasons the service knows; one by one or many with a preview."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from app.kernel.actor import Role
from app.registry.models import Person
from app.requests.models import RequestMessage
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import correction, slug


async def bulk(
    officer: actors.Officer, folios: list[str], *, preview: bool, action: str = "approve", reason: str = "answered"
) -> list[dict[str, Any]]:
    body = {"folios": folios, "action": action, "reasons": [reason], "preview": preview}
    answer = await officer.post("bulk", body)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()
    return lines


async def test_only_what_one_holds_is_decided(scene: Scene) -> None:
    folio = await steps.complain(scene)
    assert slug(await scene.officer.decide(folio, "approve", "answered")) == (409, "claim-not-held")
    other = await steps.hire(scene, Role.OFFICER)
    await other.claim(folio)
    assert slug(await scene.officer.post(f"{folio}/claim")) == (409, "claimed-by-another")
    assert slug(await scene.officer.decide(folio, "approve", "answered")) == (409, "claim-not-held")
    await other.claim(folio)
    decided = await other.decide(folio, "approve", "answered", message="  Ya abre a las ocho. ")
    assert decided.json()["outcome"] == "approved"
    assert slug(await other.decide(folio, "refuse", "not-ours")) == (409, "wrong-state")
    assert await steps.item(scene, folio) is None
    fact = steps.only(await steps.facts(scene, folio, "request.decided"))
    assert (fact.actor_id, fact.payload["straight_through"], fact.payload["reasons"]) == (
        other.staff_id,
        False,
        ["answered"],
    )


@pytest.mark.parametrize(
    ("action", "reasons", "expected"),
    [
        ("approve", ["made-up"], (422, "reason-unknown")),
        ("approve", ["not-ours"], (422, "reason-unknown")),
        ("refuse", ["answered"], (422, "reason-unknown")),
        ("refuse", ["not-ours", "made-up"], (422, "reason-unknown")),
        ("refuse", [], (422, "invalid")),
        ("confirm", ["not-ours"], (409, "wrong-state")),
        ("refer", [], (409, "wrong-state")),
        ("wave-through", ["answered"], (422, "invalid")),
    ],
)
async def test_only_for_reasons_the_service_has(
    scene: Scene, action: str, reasons: list[str], expected: tuple[int, str]
) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    assert slug(await scene.officer.decide(folio, action, *reasons)) == expected
    row = await steps.row(scene, folio)
    assert (row.kind, row.reasons) == ("review", [])


async def test_what_the_database_could_not_store_is_reported(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    for path, body in (
        (f"{folio}/decide", {"action": "refuse", "reasons": ["not-ours\x00"]}),
        (f"{folio}/decide", {"action": "refuse", "reasons": ["not-ours"], "message": "\x00"}),
        (f"{folio}/ask", {"body": "a\x00"}),
        (f"{folio}/ask", {"body": "¿?", "fields": ["\x00"]}),
        ("claim", {"services": ["\x00"]}),
        ("bulk", {"folios": ["\x00"], "action": "approve", "reasons": ["\x00"]}),
    ):
        assert (await scene.officer.post(path, body)).status_code == 422, (path, body)
    for query in ("service=%00", "cursor=WyIwMDAxLTAxLTAxIiwiMDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSIsIjAiXQ", "cursor=x"):
        listed = await scene.client.get(f"/api/v1/work?{query}", headers=scene.officer.headers)
        assert listed.status_code == 422, query


async def test_a_version_that_was_read(scene: Scene) -> None:
    folio = await steps.complain(scene)
    read = (await scene.officer.claim(folio))["version"]
    await steps.change(scene, folio, version=read + 1)
    body = {"action": "approve", "reasons": ["answered"], "message": "Ya está."}
    where = f"/api/v1/work/{folio}/decide"
    for if_match, status in ((f'"{read}"', 412), (None, 428), (f'"{read + 1}"', 200)):
        headers = scene.officer.keyed()
        headers.pop("If-Match")
        headers |= {"If-Match": if_match} if if_match else {}
        assert (await scene.client.post(where, json=body, headers=headers)).status_code == status


async def test_a_refusal_states_its_legal_ground(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "not-ours", message="Es de la delegación.")
    reported = await scene.citizen.get(folio)
    assert (reported["outcome"], reported["reasons"]) == (
        "refused",
        [
            {
                "code": "not-ours",
                "text": "No corresponde a esta institución.",
                "ground": "Ley del Seguro Social, art. 296, y su instructivo de quejas administrativas",
            }
        ],
    )
    assert [(said["kind"], said["body"]) for said in reported["messages"]] == [("decision", "Es de la delegación.")]
    assert reported["actions"] == ["appeal"]
    assert reported["certificate"] is False


async def test_ten_times_at_once_it_is_decided_once(scene: Scene) -> None:
    folio = await correction(scene)
    await scene.officer.claim(folio)
    body = {"action": "approve", "reasons": ["documents-agree"]}
    answers = await asyncio.gather(*(scene.officer.post(f"{folio}/decide", body, key="just-once") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await steps.facts(scene, folio, "request.decided")) == 1


async def test_notes_are_for_staff(scene: Scene) -> None:
    folio = await steps.complain(scene)
    where = f"/api/v1/requests/{folio}"
    for sender, body in (
        (scene.officer, {"body": "Llamé a la farmacia.", "note": True}),
        (scene.officer, {"body": "Estamos en eso."}),
        (scene.citizen, {"body": "Gracias.", "note": True}),
    ):
        written = await scene.client.post(f"{where}/messages", json=body, headers=sender.keyed())
        assert written.status_code == 204, written.text
    seen = [said["body"] for said in (await scene.citizen.get(folio))["messages"]]
    assert seen == ["Estamos en eso.", "Gracias."]
    by_staff = (await scene.client.get(where, headers=scene.officer.headers)).json()
    assert [said["kind"] for said in by_staff["messages"]] == ["note", "message", "message"]
    assert len(await steps.facts(scene, folio, "request.message-posted")) == 2


async def test_a_day_no_calendar_has_is_refused_at_its_field(scene: Scene) -> None:
    wrong = await scene.citizen.start("data-correct", field="birth_on", birth_on="1990-02-31")
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "birth_on")


async def test_a_preview_says_what_would_happen_and_changes_nothing(scene: Scene) -> None:
    folios = [await correction(scene), await correction(scene, **actors.sex())]
    before = [await steps.row(scene, folio) for folio in folios]
    lines = await bulk(scene.officer, folios, preview=True, reason="documents-agree")
    assert [(line["folio"], line["outcome"], line["problem"]) for line in lines] == [
        (folio, "approved", None) for folio in folios
    ]
    for was, folio in zip(before, folios, strict=True):
        now, item = await steps.row(scene, folio), await steps.item(scene, folio)
        assert item is not None
        assert (now.version, now.kind, now.result, item.holder_id) == (was.version, "review", {}, None)
        assert await steps.facts(scene, folio, "work.claimed") == []
        assert await steps.facts(scene, folio, "request.decided") == []
    async with scene.db.transaction() as session:
        assert (await session.get_one(Person, scene.ana.id)).second_surname == "Peña"
    done = await bulk(scene.officer, folios, preview=False, reason="documents-agree")
    assert done == lines
    assert {(await steps.row(scene, folio)).outcome for folio in folios} == {"approved"}


async def test_one_that_cannot_be_decided_hinders_no_other(scene: Scene) -> None:
    taken = actors.sex()
    impossible = await correction(scene, await steps.create_person(scene), **taken)
    async with scene.db.transaction() as session:
        (await session.get_one(Person, (await steps.create_person(scene)).person_id)).curp = taken["curp"]
    good = await correction(scene, **actors.sex())
    held = await correction(scene)
    complaint = await steps.complain(scene)
    removed = await steps.complain(scene, about="thanks")
    await scene.citizen.post(removed, "withdraw")
    elsewhere = await steps.complain(scene, await steps.create_person(scene, unit=await steps.unit(scene)))
    await (await steps.hire(scene, Role.OFFICER)).claim(held)
    folios = [impossible, good.lower(), held, complaint, removed, elsewhere, "R-NOT-A-FOLIO", good.lower()]
    expected = {
        impossible: "curp-of-another",
        held: "claimed-by-another",
        complaint: "reason-unknown",
        removed: "wrong-state",
        elsewhere: "not-found",
        "R-NOT-A-FOLIO": "not-found",
    }
    for preview in (True, False):
        lines = await bulk(scene.officer, folios, preview=preview, reason="documents-agree")
        assert {line["folio"]: line["problem"] for line in lines if line["problem"]} == expected
        assert [(line["folio"], line["outcome"]) for line in lines if not line["problem"]] == [(good, "approved")]
        assert all(line["title"] for line in lines if line["problem"])
    for folio in (impossible, complaint):
        item = await steps.item(scene, folio)
        assert item is not None
        assert (item.holder_id, (await steps.row(scene, folio)).kind) == (None, "review")
    assert (await steps.row(scene, good)).outcome == "approved"


async def test_many_refused_with_one_message(scene: Scene) -> None:
    folios = [await steps.complain(scene), await steps.complain(scene, about="thanks")]
    body = {"folios": folios, "action": "refuse", "reasons": ["not-ours"], "message": "No es nuestro."}
    answer = await scene.officer.post("bulk", body | {"preview": False})
    assert [line["outcome"] for line in answer.json()] == ["refused", "refused"]
    assert await steps.how_many(scene, RequestMessage, RequestMessage.kind == "decision") == 2
    too_many = await scene.officer.post("bulk", body | {"folios": folios * 26})
    assert too_many.status_code == 422


async def test_what_was_decided_in_time_stays_so(scene: Scene) -> None:
    with time_machine.travel(steps.noon(date(2026, 9, 7))):
        folio = await steps.complain(scene)
    with time_machine.travel(steps.noon(date(2026, 9, 10))):
        seen = await scene.citizen.get(folio)
        assert (seen["clock"]["spent_days"], seen["clock"]["is_breached"]) == (3, False)
        await scene.officer.claim(folio)
        await scene.officer.decide(folio, "approve", "answered")
    with time_machine.travel(steps.noon(date(2026, 9, 10) + timedelta(days=90))):
        seen = await scene.citizen.get(folio)
        assert seen["clock"] == {"target_days": 15, "spent_days": 3, "runs": False, "is_breached": False}
        late = await steps.complain(scene)
    with time_machine.travel(steps.noon(date(2026, 9, 10) + timedelta(days=180))):
        assert (await scene.citizen.get(late))["clock"]["is_breached"] is True
