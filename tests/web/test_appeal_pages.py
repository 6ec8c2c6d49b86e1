"""The pages of an appeal: asked for once, answered by who had no part in the refusal."""

from fastapi import FastAPI

from app.requests.models import Appeal
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, signed_in_browser

CASE, QUEUE = "/ventanilla/solicitudes/", "/ventanilla/cola"


async def refused(scene: Scene, by: actors.Officer) -> str:
    folio = await steps.complain(scene)
    await by.claim(folio)
    await by.decide(folio, "refuse", "not-ours", message="No es de aquí.")
    return folio


async def citizen_of(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def test_a_second_tab_is_shown_the_appeal_there_is(app: FastAPI, scene: Scene) -> None:
    folio = await refused(scene, scene.officer)
    here = f"/tramites/{folio}/revision"
    tab = await citizen_of(app, scene)
    other = another_tab(tab)
    await tab.get(here)
    await other.get(here)
    assert "una sola vez" in tab.text
    assert (await tab.send(here, message="")).status_code == 422
    assert await steps.how_many(scene, Appeal) == 0
    assert (await tab.send(here, message="Sí es suyo.")).status_code == 303
    late = await other.send(here, message="Además, tengo el recibo.")
    assert late.status_code == 409
    assert "Ya pidió la revisión interna" in other.text
    assert f'href="/tramites/{folio}"' in other.html
    assert "Además, tengo el recibo." in other.html, "what was typed stays, to be sent as a message"
    assert (await other.send(f"/tramites/{folio}/mensajes", message="Además, tengo el recibo.")).status_code == 303
    seen = await scene.citizen.get(folio)
    assert [said["kind"] for said in seen["messages"]][-2:] == ["appeal", "message"]
    assert (await tab.get(here)).status_code == 200, "and so is who comes back"
    assert "Ya pidió la revisión interna" in tab.text
    await tab.get(f"/en{here}")
    assert "You asked for the internal review already" in tab.text


async def test_what_cannot_be_appealed_says_so_instead_of_a_form(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    tab = await citizen_of(app, scene)
    assert (await tab.get(f"/tramites/{folio}/revision")).status_code == 409
    assert "Eso no se puede hacer en este momento" in tab.text


async def test_the_request_says_what_became_of_it_and_what_is_left(app: FastAPI, scene: Scene) -> None:
    folio = await refused(scene, scene.officer)
    await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    tab = await citizen_of(app, scene)
    await tab.get(f"/tramites/{folio}/retirar")
    assert "no puede pedirla otra vez" in tab.text
    await tab.get(f"/tramites/{folio}")
    assert "Pidió la revisión interna el" in tab.text
    boss = await scene.supervisor()
    browser = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    await boss.claim(folio)
    await browser.get(f"{CASE}{folio}")
    await browser.send(f"{CASE}{folio}/decidir", action="refuse", reasons="not-ours", message="Sigue igual.")
    assert "Si no está de acuerdo puede usar" not in browser.text
    await browser.send(f"{CASE}{folio}/decidir/confirmar")
    await tab.get(f"/tramites/{folio}")
    assert "la decisión se mantuvo" in tab.text
    assert "Pedir la revisión interna" not in tab.text
    assert "otros medios" not in tab.text, "against the answer to a complaint there is no other"


async def test_the_supervisor_who_refused_is_not_offered_it(app: FastAPI, scene: Scene) -> None:
    boss, other = await scene.supervisor(), await scene.supervisor()
    folio = await refused(scene, boss)
    await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    browser = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    await browser.get(QUEUE)
    assert "Ya participé" in browser.text
    await browser.get(QUEUE)
    assert f'action="{QUEUE}/siguiente"' not in browser.html, "nothing is free for them"
    assert (await boss.post("claim")).status_code == 409
    await browser.get(f"{CASE}{folio}")
    assert "Usted ya participó en esta solicitud" in browser.text
    assert "Tomarla" not in browser.text
    assert str(other.staff_id) in browser.html, "they may still give it to a colleague"
    assert str(boss.staff_id) not in browser.html
    # The buttons of an earlier page, or made up.
    for button, more in (("tomar", {}), ("asignar", {"staff_id": str(boss.staff_id)})):
        await browser.get(f"{CASE}{folio}")
        refusal = await browser.send(f"{CASE}{folio}/{button}", via=f"{CASE}{folio}/decidir", **more)
        assert refusal.status_code == 403, button
        assert "no puede decidirla" in browser.text
    await browser.get(QUEUE)
    await browser.send(f"{QUEUE}/asignar", folio=folio, staff_id=str(boss.staff_id))
    assert "no puede decidirla" in browser.text
    await browser.get(QUEUE)
    await browser.send(f"{QUEUE}/varias", folio=folio)
    await browser.send(f"{QUEUE}/varias", reason="answered", message="Con gusto.")
    assert "no puede decidirla" in browser.text
    item = await steps.item(scene, folio)
    assert item is not None
    assert item.holder_id is None
