"""Relatives ask on the pages to be registered with an insured person: the same pages who they name; the officer
sees both people and what stands in the way, and undoes a wrong approval. Without scripts."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.relatives import KINSHIPS, PROVED, SERVICE, applicant, ask, holder, links, person, plain, variants
from tests.web.browser import Browser, count, signed_in_browser, twice

CASE = "/ventanilla/solicitudes/"
ATTACHED = ("marriage-certificate", "relative-identification")


async def begun(app: FastAPI, scene: Scene) -> tuple[Browser, str, actors.Citizen]:
    """Someone at the first page of a draft."""
    me = await applicant(scene)
    tab = await signed_in_browser(app, scene.db, person_id=me.person_id)
    draft = f"/tramites/{(await me.start(SERVICE)).json()['folio']}"
    await tab.get(f"{draft}/paso/1")
    return tab, draft, me


async def test_from_the_first_question_to_the_office(app: FastAPI, scene: Scene) -> None:
    older = await holder(scene)
    tab, draft, me = await begun(app, scene)
    assert "¿Quién se registra como beneficiario?" in tab.text
    assert re.search(r'value="holder" checked', tab.html), "as it was before this question"
    assert (await tab.send(f"{draft}/paso/1", asked_by="relative")).status_code == 303
    await tab.get(f"{draft}/paso/2")
    assert 'name="holder"' in tab.html
    assert 'name="dependant_curp"' not in tab.html
    wrong = await tab.send(f"{draft}/paso/2", kinship="spouse", holder="123")
    assert (wrong.status_code, 'value="123"' in tab.html) == (422, True)
    typed = f"{str(older.nss)[:5]} {str(older.nss)[5:]}"
    assert (await tab.send(f"{draft}/paso/2", kinship="spouse", holder=typed)).status_code == 303
    await attach(me, draft)
    await tab.get(f"{draft}/revisar")
    assert str(older.nss) in tab.text
    assert "Zorrilla" not in tab.html
    sent = await twice(tab, f"{draft}/revisar", tab.form(f"{draft}/revisar", confirmed="yes"))
    assert {one.status_code for one in sent} == {303}
    await tab.get(draft)
    assert "Zorrilla" not in tab.html
    assert (await steps.row(scene, draft.split("/")[2])).kind == "review"


async def attach(me: actors.Citizen, draft: str) -> None:
    for kind in ATTACHED:
        assert (await me.attach(draft.split("/")[2], kind)).status_code == 201


async def test_every_page_is_the_same_for_any_person_named(app: FastAPI, scene: Scene) -> None:
    """Byte for byte, but for what differs between any two requests."""
    shown: dict[str, list[str]] = {}
    for name, number in (await variants(scene)).items():
        tab, draft, me = await begun(app, scene)
        curp = (await person(scene, me.person_id)).curp
        pages = []
        await tab.send(f"{draft}/paso/1", asked_by="relative")
        await tab.get(f"{draft}/paso/2")
        refused = await tab.send(f"{draft}/paso/2", holder=number)
        assert refused.status_code == 422
        pages.append(tab.html)
        went = await tab.send(f"{draft}/paso/2", kinship="spouse", holder=number)
        pages.append(f"{went.status_code} {went.headers['location']}")
        await tab.get(f"{draft}/documentos")
        pages.append(tab.html)
        await attach(me, draft)
        await tab.get(f"{draft}/revisar")
        pages.append(tab.html)
        went = await tab.send(f"{draft}/revisar", confirmed="yes")
        pages.append(f"{went.status_code} {went.headers['location']}")
        for address in (draft, "/mi"):
            await tab.get(address)
            pages.append(tab.html)
        shown[name] = [plain(page, number, curp) for page in pages]
    for name, pages in shown.items():
        for mine, reference in zip(pages, shown["insured"], strict=True):
            assert mine == reference, name


async def officer_with(app: FastAPI, scene: Scene, number: Any, kinship: str = "spouse") -> tuple[Browser, str]:
    """An officer who has such a request, at its page."""
    folio = await ask(scene, await applicant(scene, KINSHIPS[kinship][0]), number, kinship)
    await scene.officer.claim(folio)
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await tab.get(f"{CASE}{folio}")
    return tab, folio


async def test_the_officer_sees_both_and_undoes_a_wrong_approval(app: FastAPI, scene: Scene) -> None:
    older = await holder(scene)
    tab, folio = await officer_with(app, scene, older.nss)
    assert "Persona asegurada o pensionada (sin registro) Xochiquetzal Zorrilla Quintanar" in tab.text
    assert "Beneficiario (sin registro) Teodora" in tab.text
    assert "La pide quien se registra" in tab.text
    await tab.send(f"{CASE}{folio}/decidir", action="approve", reasons=PROVED)
    assert "Xochiquetzal Zorrilla Quintanar" in tab.text
    assert "La pide quien se registra" in tab.text
    confirm = f"{CASE}{folio}/decidir/confirmar"
    assert [one.status_code for one in await twice(tab, confirm, tab.form(confirm))] == [303, 303]
    assert [link.holder_id for link in await links(scene)] == [older.id]
    await tab.get(f"{CASE}{folio}")
    form = tab.form(f"{CASE}{folio}/deshacer")
    assert [one.status_code for one in await twice(tab, f"{CASE}{folio}/deshacer", form)] == [303, 303]
    assert await links(scene) == []
    events = "SELECT count(*) FROM event WHERE type = 'relative.registration-undone'"
    assert await count(scene.db, events) == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unknown", "La persona asegurada no está en el registro"),
        ("never", "La persona asegurada no tiene derechos vigentes"),
        ("taken", "Ya hay otra persona registrada como cónyuge o pareja"),
        ("young", "Las edades no son posibles para ese parentesco"),
    ],
)
async def test_the_preview_names_the_obstacle_and_a_reason_that_discloses_nothing(
    app: FastAPI, scene: Scene, kind: str, said: str
) -> None:
    tab, folio = await officer_with(app, scene, (await variants(scene))[kind])
    await tab.send(f"{CASE}{folio}/decidir", action="approve", reasons=PROVED)
    assert said in tab.text
    assert "O negarla por este motivo: Con los datos y documentos que dio no se puede hacer el registro" in tab.text
    await tab.send(f"{CASE}{folio}/decidir", again="yes", action="approve", reasons=PROVED)
    assert 'value="couple-registered"' not in tab.html
    await tab.send(f"{CASE}{folio}/decidir", action="refuse", reasons="not-possible")
    assert (await tab.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 303
    row = await steps.row(scene, folio)
    assert (row.outcome, row.reasons) == ("refused", ["not-possible"])


async def test_what_changes_between_the_preview_and_the_decision_is_shown_again(app: FastAPI, scene: Scene) -> None:
    """The holder is registered with another spouse meanwhile."""
    older = await holder(scene)
    tab, folio = await officer_with(app, scene, older.nss)
    await tab.send(f"{CASE}{folio}/decidir", action="approve", reasons=PROVED)
    other = await ask(scene, await applicant(scene), older.nss)
    officer = await steps.hire(scene, Role.OFFICER)
    await officer.claim(other)
    assert (await officer.decide(other, "approve", PROVED)).status_code == 200
    assert (await tab.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 409
    assert len(await links(scene)) == 1
