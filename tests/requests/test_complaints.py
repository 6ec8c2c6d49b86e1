"""Complaints: answered with words, several at once, about any unit."""

import asyncio
import random
from typing import Any

import pytest

from app.catalog.loader import definition_of, load_services
from app.requests.models import Request
from tests.appointments import factories as places
from tests.requests import steps
from tests.requests.conftest import Scene

EMPTY = ["", "   ", "\u200b\u2060", ".", "—…"]


@pytest.mark.parametrize("words", EMPTY, ids=range(len(EMPTY)))
@pytest.mark.parametrize(("action", "reason"), [("approve", "answered"), ("refuse", "not-ours")])
async def test_none_is_closed_without_words(scene: Scene, action: str, reason: str, words: str) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    silent = await scene.officer.decide(folio, action, reason, message=words)
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "message")
    body: dict[str, Any] = {"action": action, "reasons": [reason], "message": words, "folios": [folio]}
    for preview in (True, False):
        line = (await scene.officer.post("bulk", body | {"preview": preview})).json()[0]
        assert (line["problem"], "con palabras" in line["detail"]) == ("invalid", True), line
    assert (await steps.row(scene, folio)).kind == "review"
    done = await scene.officer.decide(folio, action, reason, message="Abrió a las 9.")
    assert done.status_code == 200, done.text


async def test_nor_one_of_an_earlier_version(scene: Scene) -> None:
    await steps.publish(scene, "complaint", 81, workflow=definition_of(load_services()["data-correct"])["workflow"])
    folio = await steps.complain(scene)
    await steps.change(scene, folio, service_version=81)
    await scene.officer.claim(folio)
    silent = await scene.officer.decide(folio, "approve", "answered", message="")
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "message")
    done = await scene.officer.decide(folio, "approve", "answered", message="Abrió a las 9.")
    assert (done.json()["status"], done.json()["outcome_text"]) == ("approved", "Contestada")


async def test_nor_is_its_appeal(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "not-ours", message="No es de aquí.")
    await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    boss = await scene.supervisor()
    await boss.claim(folio)
    assert (await boss.decide(folio, "approve", "answered", message=" ")).status_code == 422
    assert (await boss.decide(folio, "refuse", "not-ours", message=" ")).status_code == 422


async def test_it_reads_as_answered(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    done = (await scene.officer.decide(folio, "approve", "answered", message="Abrió a las 9.")).json()
    assert (done["status"], done["outcome_text"]) == ("answered", "Contestada")
    english = scene.citizen.headers | {"Accept-Language": "en"}
    seen = (await scene.client.get(f"/api/v1/requests/{folio}", headers=english)).json()
    assert seen["outcome_text"] == "Answered"
    assert (await scene.citizen.submit_request("vigencia"))["outcome_text"] is None


async def test_several_may_be_open_and_the_same_one_is_not_there_twice(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        other = await places.unit(session)
    first = await steps.complain(scene)
    more = [
        await steps.complain(scene, story="El baño estaba cerrado."),
        await steps.complain(scene, unit_id=str(other.id)),
        await steps.complain(scene, happened_on="2026-09-01"),
        await steps.complain(scene, about="suggestion"),
    ]
    assert len({first, *more}) == 5
    typed = steps.STORY | {"story": " la farmacia  ESTABA cerrada."}
    again = (await scene.citizen.start("complaint", **typed)).json()
    same = await scene.citizen.submit(again["folio"])
    assert (same.status_code, same.json()["type"], same.json()["folio"]) == (409, "/problems/already-open", first)


async def test_a_long_one_sent_twice_at_once_is_one(scene: Scene) -> None:
    chosen = random.Random(7)  # letters of three bytes that an index can't make shorter
    story = "".join(chr(chosen.randrange(0x4E00, 0x9FA0)) for _ in range(1_880))
    draft = (await scene.citizen.start("complaint", about="complaint", story=story)).json()
    sent = await asyncio.gather(*[scene.citizen.submit(draft["folio"]) for _ in range(2)])
    assert sorted(one.status_code for one in sent) == [200, 409]
    begun = await asyncio.gather(*[scene.citizen.start("complaint", about="thanks", story=story) for _ in range(2)])
    assert len({one.json()["folio"] for one in begun}) == 1
    assert await steps.how_many(scene, Request) == 2


async def test_any_unit_may_be_named_but_it_must_be_one(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        closed = await places.unit(session, name="HGZ 8")
        closed.is_operating = False
    folio = await steps.complain(scene, unit_id=str(closed.id))
    assert (await scene.citizen.get(folio))["answers"]["unit_id"] == str(closed.id)
    strange = await scene.citizen.start("complaint", **steps.STORY, unit_id=str(places.unknown_id()))
    assert (strange.status_code, strange.json()["fields"][0]["field"]) == (422, "unit_id")
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    assert (await scene.citizen.save(draft, unit_id=str(places.unknown_id()))).status_code == 422
    # Where the unit is to serve the person, it has to be in operation.
    change = await scene.citizen.start("clinic-change", unit_id=str(closed.id))
    assert (change.status_code, change.json()["fields"][0]["field"]) == (422, "unit_id")


async def test_units_are_found_by_their_words(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        closed = await places.unit(session, name="H.G.Z. No. 8 Ñoñería")
        closed.is_operating = False
        closed.municipality = "TLÁHUAC"
        other = await places.unit(session, name="UMF 80")
    get = scene.client.get

    async def found(query: str) -> list[str]:
        answer = await get(f"/api/v1/units?{query}")
        assert answer.status_code == 200, answer.text
        return [one["clues"] for one in answer.json()]

    assert await found("q=noneria") == []
    for words in ("noneria", "ÑOÑERÍA 8", "tlahuac", closed.clues.lower(), "no. 8 tláh"):
        assert await found(f"q={words}&operating=any") == [closed.clues], words
    assert await found("q=umf 80") == [other.clues]
    assert await found("q=%25&operating=any") == []
    assert await found("q=!!!&operating=any") == []


@pytest.mark.parametrize("typed", ["q=", f"q={'x' * 121}", "q=%00", "operating=no"])
async def test_a_search_has_limits(scene: Scene, typed: str) -> None:
    assert (await scene.client.get(f"/api/v1/units?{typed}")).status_code == 422
