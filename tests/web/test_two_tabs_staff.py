"""Staff with two tabs, and buttons pressed twice: a decision is on what was previewed, and made once."""

from fastapi import FastAPI
from sqlalchemy import text

from app.kernel.actor import Role
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, count, signed_in_browser, twice, unsigned

CASE, QUEUE = "/ventanilla/solicitudes/", "/ventanilla/cola"


async def officer_of(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)


async def test_a_decision_is_on_the_case_and_the_letter_that_were_previewed(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    await scene.officer.claim(folio)
    tab = await officer_of(app, scene)
    other = another_tab(tab)
    verdict = {"action": "approve", "reasons": "answered", "message": "Se atendió."}
    await tab.get(f"{CASE}{folio}")
    await tab.send(f"{CASE}{folio}/decidir", **verdict)
    confirm = f"{CASE}{folio}/decidir/confirmar"
    assert (await tab.send(confirm, message="Otra carta.")).status_code == 409, "not the letter that was previewed"
    assert "Otra carta." in tab.html
    await tab.get(f"{CASE}{folio}")
    await tab.send(f"{CASE}{folio}/decidir", **verdict)
    await scene.citizen.post(folio, "messages", body="Ya no hace falta.")
    refused = await tab.send(confirm)
    assert refused.status_code == 409
    assert "Se atendió." in tab.html
    assert "Ya no hace falta." in tab.text
    assert (await steps.row(scene, folio)).outcome is None
    await other.get(f"{CASE}{folio}")
    await other.send(f"{CASE}{folio}/decidir", **verdict)
    answers = await twice(other, confirm, other.form(confirm))
    assert [unsigned(one.headers["location"]) for one in answers] == [
        f"{CASE}{folio}?hecho=decidida&folio={folio}&v={(await steps.row(scene, folio)).version}"
    ] * 2
    assert (await steps.row(scene, folio)).outcome == "approved"


async def test_a_note_and_the_way_back_keep_the_text_of_a_decision(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    await scene.officer.claim(folio)
    tab = await officer_of(app, scene)
    await tab.get(f"{CASE}{folio}")
    typed = {"action": "approve", "reasons": "answered", "message": "Carta a medias.", "ask": "¿Qué farmacia?"}
    noted = await tab.send(f"{CASE}{folio}/mensaje", note="yes", body="Hablé con la farmacia.", **typed)
    assert noted.status_code == 200
    assert "Hablé con la farmacia." in tab.text
    assert "Carta a medias." in tab.html
    assert await count(scene.db, "SELECT count(*) FROM request_message WHERE kind = 'note'") == 1
    await tab.send(f"{CASE}{folio}/decidir", **typed)
    assert "Esto leerá la persona" in tab.text
    await tab.send(f"{CASE}{folio}/decidir", again="yes")
    assert "Carta a medias." in tab.html
    assert "¿Qué farmacia?" in tab.html
    saved = await tab.send(f"{CASE}{folio}/sigo", **typed)
    assert (saved.status_code, "Carta a medias." in tab.html) == (200, True)


async def test_many_are_decided_for_the_reason_on_the_screen(app: FastAPI, scene: Scene) -> None:
    folios = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    tab = await officer_of(app, scene)
    await tab.get(QUEUE)
    await tab.send(f"{QUEUE}/varias", folio=folios)
    await tab.send(f"{QUEUE}/varias", reason="answered", message="Con gusto.")
    decide = f"{QUEUE}/varias/decidir"
    refused = await tab.send(decide, reason="answered", message="Otras palabras.")
    assert refused.status_code == 409, "the screen says other words than the preview"
    assert "Otras palabras." in tab.html
    await steps.change(scene, folios[0], version=9)
    assert (await tab.send(decide, reason="answered", message="Otras palabras.")).status_code == 409
    assert [(await steps.row(scene, folio)).outcome for folio in folios] == [None, None]
    answers = await twice(tab, decide, tab.form(decide, reason="answered", message="Otras palabras."))
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert [(await steps.row(scene, folio)).outcome for folio in folios] == ["approved", "approved"]


async def test_many_are_not_taken_from_who_has_claimed_one_since(app: FastAPI, scene: Scene) -> None:
    folios = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    boss = await steps.hire(scene, Role.SUPERVISOR)
    tab = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    await tab.get(QUEUE)
    await scene.officer.claim(folios[1])
    to = str((await steps.hire(scene, Role.OFFICER)).staff_id)
    refused = await tab.send(f"{QUEUE}/asignar", folio=folios, staff_id=to)
    assert refused.status_code == 409
    assert tab.html.count('name="folio"') == 2, "the list as it is now"
    assert tab.html.count(" checked aria-label") == 2, "with what was ticked"
    done = await tab.send(f"{QUEUE}/asignar", folio=folios, staff_id=to)
    assert done.status_code == 200


async def test_a_desk_code_asked_for_twice_is_the_same(app: FastAPI, scene: Scene) -> None:
    clerk = await steps.hire(scene, Role.RECEPTIONIST)
    tab = await signed_in_browser(app, scene.db, staff_id=clerk.staff_id)
    path = "/ventanilla/codigo"
    await tab.get(path)
    first, second = await twice(tab, path, tab.form(path, curp=scene.ana.curp))
    assert (first.status_code, first.text) == (200, second.text)
    assert await count(scene.db, "SELECT count(*) FROM sign_in_code WHERE purpose = 'desk'") == 1
    stored = await count(
        scene.db,
        "SELECT count(*) FROM idempotency_key WHERE body <> '' AND position('html' in encode(body, 'escape')) > 0",
    )
    assert stored == 0, "a page that is kept for the second press is encrypted"


async def test_when_the_first_answer_cannot_be_decrypted_the_second_says_that_it_is_done(
    app: FastAPI, scene: Scene
) -> None:
    clerk = await steps.hire(scene, Role.RECEPTIONIST)
    tab = await signed_in_browser(app, scene.db, staff_id=clerk.staff_id)
    path = "/ventanilla/codigo"
    await tab.get(path)
    form = tab.form(path, curp=scene.ana.curp)
    assert (await tab.client.post(path, data=form)).status_code == 200
    async with scene.db.transaction() as session:  # as after a secret key that is gone
        await session.execute(text("UPDATE idempotency_key SET body = 'gAAAA' WHERE body <> ''"))
    again = tab._seen(await tab.client.post(path, data=form))
    assert again.status_code == 409
    assert "Lo que pidió ya está hecho" in tab.text
    assert await count(scene.db, "SELECT count(*) FROM sign_in_code WHERE purpose = 'desk'") == 1


async def test_the_next_request_pressed_twice_is_one(app: FastAPI, scene: Scene) -> None:
    for _ in range(2):
        await steps.complain(scene, await steps.create_person(scene))
    tab = await officer_of(app, scene)
    await tab.get(QUEUE)
    path = f"{QUEUE}/siguiente"
    first, second = await twice(tab, path, tab.form(path))
    assert first.headers["location"] == second.headers["location"]
    assert await count(scene.db, "SELECT count(*) FROM work_item WHERE holder_id IS NOT NULL") == 1


async def test_who_decided_in_another_tab_is_not_said_to_have_lost_it(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    await scene.officer.claim(folio)
    tab = await officer_of(app, scene)
    verdict = {"action": "approve", "reasons": "answered", "message": "Se atendió."}
    await tab.get(f"{CASE}{folio}")
    case = tab.form(f"{CASE}{folio}/decidir", **verdict)
    assert (await scene.officer.decide(folio, "approve", "answered")).status_code == 200
    for path in ("decidir", "sigo"):
        tab._seen(await tab.client.post(f"{CASE}{folio}/{path}", data=case))
        assert "Usted ya la decidió." in tab.text
        assert "la tomó otra persona" not in tab.text
        assert "Se atendió." in tab.html
    decided = await scene.officer.decide(folio, "approve", "answered")
    assert (decided.status_code, decided.json()["detail"]) == (409, "Usted ya la decidió.")
    for action in ("claim", "heartbeat", "release"):
        answer = await scene.officer.post(f"{folio}/{action}")
        assert (answer.status_code, answer.json()["detail"]) == (409, "Usted ya la decidió."), action
    other = await steps.hire(scene, Role.OFFICER)
    assert (await other.post(f"{folio}/claim")).json()["type"] == "/problems/wrong-state"
