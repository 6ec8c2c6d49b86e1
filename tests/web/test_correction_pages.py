"""A correction on the pages: boxes for a date, radios for a sex, a surname emptied by saying so; the officer sees old
and new before approving, what will fail and what to do, and undoes a wrong approval. Without scripts."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI

from app.kernel import clock
from app.kernel.actor import Role
from app.registry.models import Person
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import ana, approve
from tests.requests.history import relative
from tests.web.browser import Browser, another_tab, count, signed_in_browser, twice, unsigned

CASE = "/ventanilla/solicitudes/"
VERDICT = {"action": "approve", "reasons": "documents-agree", "message": "Listo."}


async def citizen_of(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def officer_with(app: FastAPI, scene: Scene, **answers: Any) -> tuple[Browser, str]:
    """An officer who has a correction, at its page."""
    folio = (await scene.citizen.submit_request("data-correct", **(answers or actors.NAME)))["folio"]
    await scene.officer.claim(folio)
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await tab.get(f"{CASE}{folio}")
    return tab, folio


async def asked(app: FastAPI, scene: Scene, field: str) -> tuple[Browser, str]:
    """A citizen at the second page of a correction of this datum."""
    folio = (await scene.citizen.start("data-correct")).json()["folio"]
    tab = await citizen_of(app, scene)
    await tab.get(f"/tramites/{folio}/paso/1")
    assert (await tab.send(f"/tramites/{folio}/paso/1", field=field)).headers["location"].endswith("/paso/2")
    await tab.get(f"/tramites/{folio}/paso/2")
    return tab, f"/tramites/{folio}/paso/2"


async def test_a_date_has_three_boxes_and_each_wrong_one_says_why(app: FastAPI, scene: Scene) -> None:
    tab, page = await asked(app, scene, "birth_on")
    for box in ("day", "month", "year"):
        assert f'name="birth_on-{box}"' in tab.html
    assert 'name="given_names"' not in tab.html
    for typed, said in (
        (("31", "02", "1990"), "Esa fecha no existe"),
        (("1", "1", "2990"), "Esa fecha todavía no llega"),
        (("17", "5", "1990"), "El registro ya dice eso"),
        (("17", "5", "1991"), "La CURP del registro dice otra fecha de nacimiento"),
        (("²", "5", "1991"), "Esa fecha no existe"),
    ):
        boxes = dict(zip(("birth_on-day", "birth_on-month", "birth_on-year"), typed, strict=True))
        answer = await tab.send(page, **boxes)
        assert (answer.status_code, said in tab.text) == (422, True), typed
        assert f'value="{typed[2]}"' in tab.html, "what was typed is still there"
        assert 'href="#birth_on-day"' in tab.html, "the summary leads to the first box"
    new = actors.curp(date(1991, 5, 17))
    boxes = {"birth_on-day": "17", "birth_on-month": "5", "birth_on-year": "1991", "curp": new.lower()}
    assert (await tab.send(page, **boxes)).status_code == 303
    await tab.get(page.replace("paso/2", "revisar"))
    assert "17 de mayo de 1990" in tab.text
    assert "17 de mayo de 1991" in tab.text


async def test_a_sex_is_chosen_from_radios(app: FastAPI, scene: Scene) -> None:
    tab, page = await asked(app, scene, "sex")
    assert tab.html.count('type="radio"') == 3
    assert (await tab.send(page, sex="Z")).status_code == 422
    assert (await tab.send(page, sex="H")).status_code == 422
    assert "La CURP del registro dice otro sexo" in tab.text
    assert (await tab.send(page, sex="X", curp=actors.sex()["curp"])).status_code == 303


async def test_an_empty_box_is_no_change_and_a_surname_is_removed_by_saying_so(app: FastAPI, scene: Scene) -> None:
    tab, page = await asked(app, scene, "name")
    assert "Déjelo vacío si está bien en el registro" in tab.text
    assert (await tab.send(page)).status_code == 422
    assert "elija qué apellido hay que quitar" in tab.text
    assert (await tab.send(page, second_surname="Ruiz", remove_surname="second")).status_code == 422
    assert 'value="Ruiz"' in tab.html
    assert (await tab.send(page, remove_surname="first")).status_code == 422
    assert (await tab.send(page, given_names="<script>")).status_code == 422
    assert (await tab.send(page, given_names="Ana", remove_surname="second")).status_code == 303
    await tab.get(page.replace("paso/2", "revisar"))
    assert "Segundo apellido Peña (sin apellido)" in tab.text
    assert "Primer apellido Núñez" not in tab.text, "what stays isn't listed as a change"


async def test_old_and_new_are_shown_before_approving_and_compared(app: FastAPI, scene: Scene) -> None:
    tab, folio = await officer_with(app, scene, field="name", first_surname="O'Donnell", remove_surname="second")
    assert "Lo que cambiaría en el registro" in tab.text
    await tab.send(f"{CASE}{folio}/decidir", **VERDICT)
    assert "Primer apellido Núñez O'Donnell" in tab.text
    assert "Segundo apellido Peña (sin apellido)" in tab.text
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).first_surname = "Nuñez"  # an import, meanwhile
    confirm = f"{CASE}{folio}/decidir/confirmar"
    assert (await tab.send(confirm)).status_code == 409
    assert (await ana(scene)).first_surname == "Nuñez"
    assert "Primer apellido Nuñez O'Donnell" in tab.text, "as it is now"
    assert "Listo." in tab.html, "with what was typed"
    await tab.send(f"{CASE}{folio}/decidir", **VERDICT)
    answers = await twice(tab, confirm, tab.form(confirm))
    assert [one.status_code for one in answers] == [303, 303]
    person = await ana(scene)
    assert (person.full_name, await count(scene.db, "SELECT count(*) FROM person_correction")) == ("Ana O'Donnell", 1)


async def test_what_will_fail_is_said_before_with_what_to_do(app: FastAPI, scene: Scene) -> None:
    answers = actors.sex()
    tab, folio = await officer_with(app, scene, **answers)
    async with scene.db.transaction() as session:
        other = await session.get_one(Person, (await steps.create_person(scene)).person_id)
        other.curp = answers["curp"]
    await tab.get(f"{CASE}{folio}")
    await tab.send(f"{CASE}{folio}/decidir", **VERDICT)
    assert "Esa CURP es de otra persona del registro" in tab.text
    assert "Puede pedir a la persona que cambie: CURP nueva" in tab.text
    assert "No se comprobó que la CURP nueva sea de esta persona" in tab.text
    assert "Las cosas cambiaron" not in tab.text
    assert ">Aprobar</button>" not in tab.html.replace("\n", "").replace(" ", ""), "nothing to press that can't work"
    assert "Volver sin decidir" in tab.text
    refused = await tab.send(f"{CASE}{folio}/decidir/confirmar")
    assert refused.status_code == 409
    assert "Esa CURP es de otra persona del registro" in tab.text


async def test_undo_is_offered_to_who_approved_and_says_what_it_does(app: FastAPI, scene: Scene) -> None:
    tab, folio = await officer_with(app, scene)
    stale = another_tab(tab)
    await tab.send(f"{CASE}{folio}/decidir", **VERDICT)
    assert (await tab.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 303
    undo = f"{CASE}{folio}/deshacer"
    boss = await signed_in_browser(app, scene.db, staff_id=(await scene.supervisor()).staff_id)
    await boss.get(f"{CASE}{folio}")
    assert "Deshacer la aprobación" not in boss.text
    assert "Segundo apellido Peña Muñoz" in boss.text, "old and new stay on the case"
    forbidden = await boss.send(undo, via=f"{CASE}{folio}/decidir")
    assert forbidden.status_code == 403
    assert "Sólo quien aprobó puede deshacer" in boss.text
    await tab.get(f"{CASE}{folio}")
    await stale.get(f"{CASE}{folio}")
    assert "Usted la aprobó. Puede deshacerlo hasta esta hora:" in tab.text
    first, second = await twice(tab, undo, tab.form(undo))
    assert [unsigned(one.headers["location"]) for one in (first, second)] == [
        f"{CASE}{folio}?hecho=deshecha&folio={folio}&v={(await steps.row(scene, folio)).version}"
    ] * 2
    assert (await ana(scene)).second_surname == "Peña"
    again = await stale.send(undo)
    await stale.get(again.headers["location"])
    assert "Esto ya estaba hecho." in stale.text
    assert "Esto cambió mientras tenía abierta la página" not in stale.text
    await tab.get(first.headers["location"])
    assert "La tengo yo" in tab.text
    assert "Listo Se deshizo la aprobación" in tab.text, "going back and pressing again shows the same"
    assert "Rosa Díaz deshizo la aprobación" in tab.text
    citizen = await citizen_of(app, scene)
    await citizen.get(f"/tramites/{folio}")
    assert "Se deshizo la aprobación; se revisa otra vez" in citizen.text
    assert "En revisión" in citizen.text


async def test_undo_too_late_or_after_another_change_says_so(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await approve(scene, folio)
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await tab.get(f"{CASE}{folio}")
    undo = f"{CASE}{folio}/deshacer"
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        assert (await tab.send(undo)).status_code == 409
        assert "Ya pasó el tiempo para deshacer la aprobación" in tab.text
        assert "Deshacer la aprobación</button>" not in tab.html
    await tab.get(f"{CASE}{folio}")
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).second_surname = "Otra"
    assert (await tab.send(undo)).status_code == 409
    assert "Los datos cambiaron otra vez después de la corrección" in tab.text
    assert (await ana(scene)).second_surname == "Otra"


async def test_the_document_waits_until_it_cannot_be_undone(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await approve(scene, folio)
    tab = await citizen_of(app, scene)
    await tab.get(f"/tramites/{folio}")
    assert "El documento se puede descargar desde la" in tab.text  # «la 1:05», «las 2:05»
    assert "/constancia" not in tab.html
    early = await tab.get(f"/tramites/{folio}/constancia")
    assert (early.status_code, "estará listo en unos minutos" in early.json()["title"]) == (409, True)
    with time_machine.travel(clock.now() + timedelta(minutes=12), tick=True):
        await tab.get(f"/tramites/{folio}")
        assert "/constancia" in tab.html


async def test_many_at_once_show_old_and_new_and_compare_them(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    queue = "/ventanilla/cola"
    await tab.get(queue)
    await tab.send(f"{queue}/varias", folio=[folio])
    await tab.send(f"{queue}/varias", reason="documents-agree")
    assert "Segundo apellido: Peña → Muñoz" in tab.text
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).second_surname = "Otra"
    assert (await tab.send(f"{queue}/varias/decidir", reason="documents-agree")).status_code == 409
    assert "Segundo apellido: Otra → Muñoz" in tab.text
    assert (await tab.send(f"{queue}/varias/decidir", reason="documents-agree")).status_code == 200
    assert (await ana(scene)).second_surname == "Muñoz"


@pytest.mark.parametrize(
    ("kinship", "days", "said"),
    [
        ("spouse", 3650, "todavía no tiene la edad para casarse (Código Civil Federal, art. 148)"),
        ("partner", 3650, "no se le registra como pareja"),
        ("parent", 3650, "no puede ser su madre o padre"),
        ("child", 366 * 60, "no puede ser su hija o hijo"),
    ],
)
async def test_impossible_kin_are_refused_at_the_curp(
    app: FastAPI, scene: Scene, kinship: str, days: int, said: str
) -> None:
    curp = await relative(scene, steps.ago(days))
    folio = (await scene.citizen.start("dependant-add")).json()["folio"]
    tab = await citizen_of(app, scene)
    page = f"/tramites/{folio}/paso/2"
    await tab.get(page)
    assert (await tab.send(page, kinship=kinship, dependant_curp=curp)).status_code == 422
    assert said in tab.text
    assert f'value="{curp}"' in tab.html
    for own in (scene.ana.curp, f" {scene.ana.curp.lower()} "):
        assert (await tab.send(page, kinship=kinship, dependant_curp=own)).status_code == 422
        assert "Esa es su propia CURP" in tab.text


async def test_a_spouse_is_not_shown_the_rule_for_children(app: FastAPI, scene: Scene) -> None:
    curp = await relative(scene, steps.ago(366 * 30))
    folio = (await scene.citizen.start("dependant-add", kinship="spouse", dependant_curp=curp)).json()["folio"]
    tab = await citizen_of(app, scene)
    await tab.get(f"/tramites/{folio}/revisar")
    assert tab.text.count("Los datos de la otra persona los revisa el personal") == 1
    assert "hija o hijo" not in tab.text
    assert "tienen 18 años cumplidos, la edad para casarse" in tab.text


async def test_a_relative_no_one_knows_is_said_to_the_officer_with_a_way_out(app: FastAPI, scene: Scene) -> None:
    answers: dict[str, Any] = {"kinship": "child", "dependant_curp": actors.curp(steps.ago(3000)), "situation": "none"}
    folio = (await scene.citizen.submit_request("dependant-add", **answers))["folio"]
    boss = await steps.hire(scene, Role.SUPERVISOR)
    await boss.claim(folio)
    tab = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    await tab.get(f"{CASE}{folio}")
    await tab.send(f"{CASE}{folio}/decidir", action="approve", reasons="kinship-proved")
    assert "La CURP de la otra persona no está en el registro" in tab.text
    assert "Puede pedir a la persona que cambie: CURP de la persona que se registra" in tab.text
    assert "No pudimos identificar a esa persona con la CURP que dio" in tab.text
    await tab.send(f"{CASE}{folio}/decidir", again="yes", action="approve", reasons="kinship-proved")
    await tab.send(f"{CASE}{folio}/decidir", action="refuse", reasons="not-identified")
    assert (await tab.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 303
    assert (await steps.row(scene, folio)).outcome == "refused"
