"""Corrections of a person's data over HTTP: refused at their field, previewed as old and new, stored so that the old
value can be recovered, found by the new name, and what can't be approved says why."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.events import EventRow
from app.registry.corrections import correction_of
from app.registry.models import FormerCurp, Person, PersonCorrection
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import ana, approve, found_by

BORN = date(1990, 5, 17)


async def preview(scene: Scene, folio: str) -> dict[str, Any]:
    body = {"folios": [folio], "action": "approve", "reasons": ["documents-agree"], "preview": True}
    found: dict[str, Any] = (await scene.officer.post("bulk", body)).json()[0]
    return found


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"field": "name", "second_surname": "Peña"}, "second_surname"),
        ({"field": "name", "given_names": "Ana 2"}, "given_names"),
        ({"field": "name", "remove_surname": "first"}, "remove_surname"),
        ({"field": "birth_on", "birth_on": "1990-02-31"}, "birth_on"),
        ({"field": "birth_on", "birth_on": "2990-01-01"}, "birth_on"),
        ({"field": "birth_on", "birth_on": "1991-05-17"}, "birth_on"),
        ({"field": "sex", "sex": "H"}, "sex"),
        ({"field": "sex", "sex": "H", "curp": "XAXX900517MDFBCD0X"}, "curp"),
    ],
)
async def test_what_could_never_be_approved_is_refused_at_its_field(
    scene: Scene, answers: dict[str, Any], field: str
) -> None:
    started = await scene.citizen.start("data-correct", **answers)
    assert (started.status_code, [one["field"] for one in started.json()["fields"]]) == (422, [field])
    draft = (await scene.citizen.start("data-correct", field=answers["field"])).json()["folio"]
    saved = await scene.citizen.save(draft, **answers)
    assert (saved.status_code, [one["field"] for one in saved.json()["fields"]]) == (422, [field])


async def test_nothing_written_is_refused_when_it_is_submitted(scene: Scene) -> None:
    for about, field in (("name", "given_names"), ("birth_on", "birth_on"), ("sex", "sex")):
        draft = (await scene.citizen.start("data-correct", field=about)).json()
        for document in ("identification", "birth-certificate"):
            await scene.citizen.attach(draft["folio"], document)
        refused = await scene.citizen.submit(draft["folio"])
        assert (refused.status_code, [one["field"] for one in refused.json()["fields"]]) == (422, [field])


async def test_a_surname_is_emptied_by_saying_so(scene: Scene) -> None:
    empty = await scene.citizen.start("data-correct", field="name", given_names="Ana Luz", second_surname="")
    assert [one["field"] for one in empty.json()["changes"]] == ["given_names"], "an empty box changes nothing"
    await scene.citizen.save(empty.json()["folio"], given_names=None)
    folio = (await scene.citizen.submit_request("data-correct", field="name", remove_surname="second"))["folio"]
    assert (await approve(scene, folio))["rows"] == [{"label": "Segundo apellido", "value": "(sin apellido)"}]
    person = await ana(scene)
    assert (person.second_surname, person.full_name) == (None, "Ana Núñez")
    again = await scene.citizen.start("data-correct", field="name", remove_surname="second")
    assert again.json()["fields"][0]["field"] == "remove_surname", "it is empty already"


async def test_the_preview_is_what_happens_and_the_old_value_can_be_recovered(scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", field="name", first_surname="O'Donnell"))["folio"]
    change = {"field": "first_surname", "label": "Primer apellido", "before": "Núñez", "after": "O'Donnell"}
    change |= {"before_text": "Núñez", "after_text": "O'Donnell"}
    assert (await preview(scene, folio))["changes"] == [change]
    assert (await scene.citizen.get(folio))["changes"] == [change]
    assert (await ana(scene)).first_surname == "Núñez"
    assert (await approve(scene, folio))["changes"] == [change], "and it stays on the case"
    request = await steps.row(scene, folio)
    async with scene.db.transaction() as session:
        made = await correction_of(session, scene.ana.id, request.id)
        assert made is not None
        assert (made.before, made.after) == ({"first_surname": "Núñez"}, {"first_surname": "O'Donnell"})
        row = steps.only((await session.scalars(select(PersonCorrection))).all())
        event = steps.only((await session.scalars(select(EventRow).where(EventRow.type == "person.corrected"))).all())
        assert event.payload == {"correction_id": str(row.id), "fields": ["first_surname"]}
        whole = await session.execute(text("SELECT string_agg(CAST(e AS text), ' ') FROM event e"))
        assert not {"Núñez", "Donnell"} & set(str(whole.scalar_one()).replace("'", " ").split())
        assert b"Donnell" not in bytes(row.after) + bytes(row.before)


async def test_each_change_of_a_new_curp_is_shown_and_made(scene: Scene) -> None:
    new, old = actors.curp(date(1991, 6, 18), "X"), scene.ana.curp
    answers: dict[str, Any] = {"field": "birth_on", "birth_on": "1991-06-18", "curp": new}
    folio = (await scene.citizen.submit_request("data-correct", **answers))["folio"]
    shown = (await preview(scene, folio))["changes"]
    assert [(one["field"], one["before"], one["after"]) for one in shown] == [
        ("birth_on", "1990-05-17", "1991-06-18"),
        ("sex", "M", "X"),
        ("curp", old, new),
    ]
    assert shown[0]["after_text"] == "18 de junio de 1991"
    await approve(scene, folio)
    person = await ana(scene)
    assert (person.birth_on, person.sex, person.curp) == (date(1991, 6, 18), "X", new)
    async with scene.db.transaction() as session:
        former = await session.get(FormerCurp, old)
        assert former is not None
        assert former.person_id == scene.ana.id
    assert folio in await found_by(scene, old)
    assert folio in await found_by(scene, new)


async def test_the_search_follows_the_new_name_in_every_request_of_the_person(scene: Scene) -> None:
    other = await steps.complain(scene)
    elsewhere = await steps.complain(scene, about="thanks")
    there = await steps.unit(scene)
    await steps.change(scene, elsewhere, unit_id=there.id)
    folio = (await scene.citizen.submit_request("data-correct", field="name", first_surname="Zurita"))["folio"]
    assert await found_by(scene, "Ana Núñez") == {other, folio}
    assert await found_by(scene, "Zurita") == set()
    await approve(scene, folio)
    assert await found_by(scene, "Ana Zurita") == {other, folio}
    assert await found_by(scene, "Zuri") == {other, folio}, "also by the beginning of the new word"
    assert await found_by(scene, "Ana Núñez") == set()
    officer = await actors.hire(scene.db, scene.client, Role.OFFICER, there)
    answer = await scene.client.post("/api/v1/work/search", json={"q": "Zurita"}, headers=officer.headers)
    assert [one["folio"] for one in answer.json()] == [elsewhere], "at each unit"


async def test_a_curp_that_another_person_has_by_now_says_so_and_what_to_do(scene: Scene) -> None:
    answers = actors.sex()
    folio = (await scene.citizen.submit_request("data-correct", **answers))["folio"]
    other = await steps.create_person(scene)
    async with scene.db.transaction() as session:
        (await session.get_one(Person, other.person_id)).curp = answers["curp"]
    line = await preview(scene, folio)
    assert (line["outcome"], line["problem"], line["title"]) == (
        None,
        "curp-of-another",
        "Esa CURP es de otra persona del registro",
    )
    assert line["next_step"]
    await scene.officer.claim(folio)
    refused = await scene.officer.decide(folio, "approve", "documents-agree")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/curp-of-another")
    done = await scene.officer.decide(folio, "refuse", "curp-not-proved")
    assert done.json()["outcome"] == "refused"
    assert (await ana(scene)).curp == scene.ana.curp


async def test_a_former_curp_of_another_person_is_not_given_either(scene: Scene) -> None:
    answers = actors.sex()
    folio = (await scene.citizen.submit_request("data-correct", **answers))["folio"]
    other = await steps.create_person(scene)
    async with scene.db.transaction() as session:
        session.add(FormerCurp(curp=answers["curp"], person_id=other.person_id, replaced_at=clock.now()))
    assert (await preview(scene, folio))["problem"] == "curp-of-another"


async def test_an_answer_that_no_longer_holds_names_its_field(scene: Scene) -> None:
    new = actors.curp(BORN, "X")
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).sex = "H"
    folio = (await scene.citizen.submit_request("data-correct", field="sex", sex="M"))["folio"]
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).curp = new  # an import brought another CURP
    line = await preview(scene, folio)
    assert (line["problem"], [one["field"] for one in line["fields"]]) == ("answers-not-valid", ["sex"])
    await scene.officer.claim(folio)
    refused = (await scene.officer.decide(folio, "approve", "documents-agree")).json()
    assert (refused["status"], refused["type"]) == (409, "/problems/answers-not-valid")
    assert refused["fields"][0]["message"].startswith("La CURP del registro dice otro sexo")
    asked = await scene.officer.post(f"{folio}/ask", {"body": "Revise el sexo.", "fields": ["sex", "curp"]})
    assert asked.status_code == 200
    given = await scene.citizen.post(folio, "answer", body="Aquí está.", answers={"sex": "X", "curp": new})
    assert given.status_code == 200, given.text
    assert (await approve(scene, folio))["outcome"] == "approved"


async def test_what_the_registry_says_by_now_is_approved_without_a_change(scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).second_surname = "Muñoz"
    line = await preview(scene, folio)
    assert (line["outcome"], line["changes"]) == ("approved", [])
    done = await approve(scene, folio)
    assert (done["outcome"], done["undo_until"]) == ("approved", None)
    assert await steps.how_many(scene, PersonCorrection) == 0
