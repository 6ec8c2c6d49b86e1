"""Staff search by whatever the person at the window has at hand."""

import asyncio
import sys
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.kernel import ids
from app.kernel.actor import Role
from app.registry.models import Person
from app.registry.service import new_nss
from app.requests.models import NameWord, Request
from app.requests.queries.search import vector
from app.requests.service.people import index_request
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import find, named


async def test_by_folio_however_it_is_typed(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await steps.complain(scene, about="thanks")
    bare = folio.replace("-", "")
    for typed in (folio, folio.lower(), bare, bare.lower(), f"  {folio} ", folio.replace("-", " ")):
        assert await find(scene, typed) == [folio], typed
    assert await find(scene, folio.replace("0", "O").replace("1", "l")) == [folio]
    assert await find(scene, ids.new_folio("R")) == []


async def test_by_curp_and_social_security_number(scene: Scene) -> None:
    who = await steps.create_person(scene)
    number = new_nss(2010, 1990, 4711)
    async with scene.db.transaction() as session:
        person = await session.get_one(Person, who.person_id)
        person.nss = number
    folio = await steps.complain(scene, who)
    await steps.complain(scene)
    curp = person.curp
    for typed in (curp, curp.lower(), f"{curp[:4]} {curp[4:10]}-{curp[10:]}", number, f"{number[:4]} {number[4:]}"):
        assert await find(scene, typed) == [folio], typed
    assert await find(scene, actors.curp(steps.ago(9000))) == []


async def test_by_name_with_and_without_accents_and_unfinished(scene: Scene) -> None:
    folio = await named(scene, "María José", "Ibáñez", "Güereca")
    other = await named(scene, "Mario", "Ibarra", "Guerrero")
    for typed in ("maria ibanez", "MARÍA IBÁÑEZ", "ibáñez maría", "maria jose iba", "güereca", "guere", "mar gü"):
        assert await find(scene, typed) == ([folio] if typed != "mar gü" else []), typed
    assert set(await find(scene, "mar")) == {folio, other}
    assert set(await find(scene, "ib")) == {folio, other}
    assert await find(scene, "mario maria") == []


async def test_an_unfinished_word_of_many_endings_is_found_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    folio, other = await named(scene, "Lucía", "Ibáñez"), await named(scene, "Lucio", "Ibarra")
    monkeypatch.setattr(sys.modules["app.requests.queries.search"], "MAX_ENDINGS", 1)
    assert set(await find(scene, "luc")) == {folio, other}
    assert await find(scene, "lucia ib") == [folio]


async def test_a_name_whose_words_were_not_stored_is_still_found(scene: Scene) -> None:
    folio = await named(scene, "Lucía", "Ibáñez")
    await steps.run(scene, "DELETE FROM name_word")
    assert await find(scene, "lucia iba") == [folio]


async def test_only_what_begins_so_ends_an_unfinished_word(scene: Scene) -> None:
    await named(scene, "Lucía", "Ibz")
    folio = await named(scene, "Lucía", "Ib9")
    assert await find(scene, "ib9") == [folio]
    assert await find(scene, "iba") == []
    assert await find(scene, "lucia ic") == []


async def test_who_changed_name_is_found_by_it_once_the_request_is_moved(scene: Scene) -> None:
    who = await steps.create_person(scene, given_names="Lucía", first_surname="Ibáñez")
    folio = await steps.complain(scene, who)
    async with scene.db.transaction() as session:
        (await session.get_one(Person, who.person_id)).first_surname = "Wolff"
    unit = await steps.unit(scene)
    supervisor = await steps.hire(scene, Role.SUPERVISOR, scene.unit, unit)
    moved = await scene.client.post(
        f"/api/v1/work/{folio}/transfer", json={"unit_id": str(unit.id)}, headers=supervisor.keyed()
    )
    assert moved.status_code == 204, moved.text
    assert await find(scene, "lucia wol", supervisor) == [folio]


async def test_who_brings_the_same_new_words_at_once_waits_and_never_for_each_other(scene: Scene) -> None:
    async def brings(words: list[str]) -> None:
        case: Any = SimpleNamespace(request=Request(), person=SimpleNamespace(full_name=" ".join(words)))
        async with scene.db.transaction() as session:
            await index_request(session, case, words)

    for turn in range(40):
        words = [f"w{turn}x{n}" for n in range(40)]
        await asyncio.gather(*(brings(Random(n).sample(words, 40)) for n in range(6)))
    async with scene.db.transaction() as session:
        assert await session.scalar(select(func.count()).where(NameWord.word.like("w%x%"))) == 1600


async def test_a_long_name_is_found_by_its_last_surname(scene: Scene) -> None:
    folio = await named(scene, "María de los Ángeles del Sagrado Corazón de Jesús", "Pérez", "Zambrano")
    assert await find(scene, "zambrano") == [folio]
    assert await find(scene, "maria de los angeles del sagrado corazon de jesus perez zambrano") == [folio]


async def test_a_name_that_looks_like_a_folio_is_found(scene: Scene) -> None:
    folio = await named(scene, "Elena", "Serrano")
    assert ids.parse_folio("elena serrano") == "E-1ENAS-ERRAN-0"
    assert await find(scene, "elena serrano") == [folio]


HOSTILE = [
    "ana'",
    "'ana' | 'pedro'",
    "ana & !nunez",
    "ana:*",
    "ana:*A",
    "!ana",
    "(ana",
    "ana)",
    "ana <-> nunez",
    "ana\\",
    "\\'ana",
    '"ana"',
    "ana; DROP TABLE request; --",
    "ana%",
    "@",
    "ana @" + str(ids.new_id()),
    "ánä\u0301 ñ",
    "ana " * 30,
    "a" * 120,
    "😀 ana",
    "ＡＮＡ",
    "ı ŉ ﬁ ß ǆ",
    "R-00000-00000-0",
    "٣" * 11,
    "²" * 11,
]


async def test_hostile_words_are_words(scene: Scene) -> None:
    folio = await steps.complain(scene)
    for typed in HOSTILE:
        answer = await scene.client.post("/api/v1/work/search", json={"q": typed}, headers=scene.officer.headers)
        assert answer.status_code in (200, 422), typed
        if answer.status_code == 422:
            assert answer.json()["type"] == "/problems/nothing-to-search", typed
    # Marks around the words change nothing; what is no letter of ours is as if it weren't there.
    for typed in ("ana'", "'ana' & nunez", "(ana", "ana <-> nunez", "ana:*", '"ana"', "\\'ana", "😀 ana", "ＡＮＡ"):
        assert await find(scene, typed) == [folio], typed
    for typed in ("ana | pedro", "!ana nadie", f"ana @{ids.new_id()}", "ana; DROP TABLE request; --"):
        assert await find(scene, typed) == [], typed


async def test_nothing_to_search(scene: Scene) -> None:
    for typed in ("", "   ", "…", "&|!", "\x00ana", "a" * 121, "日本"):
        answer = await scene.client.post("/api/v1/work/search", json={"q": typed}, headers=scene.officer.headers)
        assert (answer.status_code, answer.json()["fields"] != []) == (422, True), typed


async def test_only_in_ones_own_units(scene: Scene) -> None:
    here = await steps.complain(scene)
    unit = await steps.unit(scene)
    there = await steps.complain(scene, await steps.create_person(scene, unit=unit))
    stranger = await steps.hire(scene, Role.OFFICER, unit)
    both = await steps.hire(scene, Role.SUPERVISOR, unit, scene.unit)
    everywhere = await actors.hire(scene.db, scene.client, Role.ADMIN)
    curp = (await steps.person(scene, scene.citizen)).curp
    for officer, expected in (
        (scene.officer, {here}),
        (stranger, {there}),
        (both, {here, there}),
        (everywhere, {here, there}),
    ):
        assert set(await find(scene, "ana", officer)) == expected
        assert await find(scene, here, officer) == [here] * (here in expected)
        assert await find(scene, curp, officer) == [here] * (here in expected)


async def test_drafts_are_never_found(scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    # Even if one had what is searched.
    await steps.change(scene, folio, search=vector("Ana Núñez Peña", str(scene.unit.id)))
    curp = (await steps.person(scene, scene.citizen)).curp
    for typed in (folio, curp, "ana nunez"):
        assert await find(scene, typed) == []
    seen = await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)
    assert seen.status_code == 404


async def test_at_most_fifty(scene: Scene) -> None:
    folio = await steps.complain(scene)
    async with scene.db.transaction() as session:
        stored = await session.get_one(Request, (scene.ana.id, (await steps.row(scene, folio)).id))
        columns: dict[str, Any] = {
            column.key: getattr(stored, column.key)
            for column in Request.__table__.columns
            if column.key not in ("id", "folio", "duplicate_key")
        }
        session.add_all(
            Request(id=ids.new_id(), folio=ids.new_folio("R"), duplicate_key=str(n), **columns) for n in range(60)
        )
    for typed in ("ana", (await steps.person(scene, scene.citizen)).curp):
        assert len(await find(scene, typed)) == 50


async def test_by_a_part_of_a_folio(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await steps.run(scene, f"UPDATE request SET folio = 'R-7K3M9-QXT2F-R' WHERE folio = '{folio}'")
    folio = "R-7K3M9-QXT2F-R"
    await steps.complain(scene, about="thanks")
    for typed in ("R-7K3M9", "r7k3m", "7K3M", "7k3m9-qx", "7K3M9 QXT2", "QXT2F", "m9qx", "T2F-R", "R-7K3M9-QXT2F"):
        assert await find(scene, typed) == [folio], typed
    assert await find(scene, "ZZZ9") == []
    too_little = await scene.client.post("/api/v1/work/search", json={"q": "7K3"}, headers=scene.officer.headers)
    assert (too_little.status_code, too_little.json()["type"]) == (422, "/problems/nothing-to-search")
    elsewhere = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    everywhere = await actors.hire(scene.db, scene.client, Role.OFFICER)
    for typed in ("R-7K3M9", "QXT2F"):
        assert await find(scene, typed, elsewhere) == []
        assert await find(scene, typed, everywhere) == [folio]
    await steps.run(scene, f"UPDATE request SET kind = 'draft', submitted_at = NULL WHERE folio = '{folio}'")
    for typed in ("R-7K3M9", "QXT2F"):
        assert await find(scene, typed) == [], "a draft is nobody's to see"


async def test_by_the_beginning_of_a_curp(scene: Scene) -> None:
    who = await steps.create_person(scene)
    curp = (await steps.person(scene, who)).curp
    folio = await steps.complain(scene, who)
    for length in (6, 10, 17):
        assert folio in await find(scene, curp[:length].lower()), length
    assert await find(scene, curp[:17]) == [folio]
    elsewhere = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert await find(scene, curp[:12], elsewhere) == []


async def test_no_more_than_fifty_by_a_beginning(scene: Scene) -> None:
    folio = await steps.complain(scene)
    async with scene.db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO request SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),"
                " 'folio', 'R-7K3' || lpad(n::text, 2, '0') || '-' || 'QXT2F-R', 'duplicate_key', n::text))).*"
                " FROM request r, generate_series(1, 60) n WHERE r.folio = :folio"
            ),
            {"folio": folio},
        )
    assert len(await find(scene, "R-7K3")) == 50
    curp = (await steps.person(scene, scene.citizen)).curp
    assert len(await find(scene, curp[:8])) == 50
