"""What someone typed survives the end of their session and of their lease, and is given back to them alone."""

import re
from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import text

from app.identity.jobs import delete_expired
from app.kernel import clock
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import count, twice, unsigned
from tests.web.tabs import back_to, new_client, silent, started

CASE = "/ventanilla/solicitudes/"
STORY = "La farmacia cerró a las dos."
WORDS = {"about": "complaint", "story": STORY}


async def test_a_step_sent_after_the_session_ended_is_given_back(app: FastAPI, scene: Scene) -> None:
    step = f"/tramites/{await started(scene)}/paso/1"
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(step)
    await silent(scene.db)
    lost = await tab.send(step, **WORDS)
    assert lost.headers["location"].startswith("/entrar?next=")
    assert back_to(lost) == f"{step}?guardado=1"
    await tab.get(lost.headers["location"])
    assert "Guardamos lo que haya escrito" in tab.text
    plain = "SELECT count(*) FROM stored_form WHERE position('farmacia' in encode(ciphertext, 'escape')) > 0"
    assert await count(scene.db, plain) == 0, "encrypted"
    other = await new_client(app, scene.db, person_id=(await steps.create_person(scene)).person_id)
    await other.get(back_to(lost))
    assert STORY not in other.html, "never somebody else's"
    assert "Guardamos lo que haya escrito" not in other.text, "and nothing is promised to them"
    again = await new_client(app, scene.db, person_id=scene.ana.id)
    page = await again.get(back_to(lost))
    assert page.status_code == 200
    assert STORY in again.html
    await silent(scene.db, 5)
    page = await again.get(back_to(lost))
    assert page.status_code == 200, "also when its reader comes back to it after a while"
    assert STORY in again.html
    assert "Recuperamos lo que escribió" in again.text
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.saved'") == 0, "nothing was sent"
    assert (await again.send(step, **WORDS)).status_code == 303
    assert await count(scene.db, "SELECT count(*) FROM stored_form") == 0, "sent, so it goes"


async def test_a_page_of_an_earlier_session_of_the_same_person_is_given_back(app: FastAPI, scene: Scene) -> None:
    step = f"/tramites/{await started(scene)}/paso/1"
    old = await new_client(app, scene.db, person_id=scene.ana.id)
    await old.get(step)
    form = old.form(step, **WORDS)
    new = await new_client(app, scene.db, person_id=scene.ana.id)
    answer = await new.client.post(step, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{step}?guardado=1")
    await new.get(answer.headers["location"])
    assert STORY in new.html
    luis = await new_client(app, scene.db, person_id=(await steps.create_person(scene)).person_id)
    answer = await luis.client.post(step, data=form, follow_redirects=True)
    assert STORY not in answer.text
    tampered = await luis.client.post(step, data=form | {"for": "0" * 128})
    assert tampered.status_code == 403


async def test_an_officers_text_survives_the_session_and_the_lease(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    await scene.officer.claim(folio)
    tab = await new_client(app, scene.db, staff_id=scene.officer.staff_id)
    verdict = {"action": "approve", "reasons": "answered", "message": "Carta larga.", "body": "Nota a medias."}
    await tab.get(f"{CASE}{folio}")
    form = tab.form(f"{CASE}{folio}/decidir", **verdict)
    await silent(scene.db)
    lost = await tab.client.post(f"{CASE}{folio}/decidir", data=form)
    assert lost.headers["location"].startswith("/ventanilla/entrar?next=")
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE work_item SET lease_until = lease_until - interval '1 hour'"))
    back = await new_client(app, scene.db, staff_id=scene.officer.staff_id)
    await back.get(back_to(lost))
    assert "Carta larga." in back.html
    assert "Nota a medias." in back.html
    assert "Esta solicitud ya no está a su nombre" in back.text
    taken = await back.send(f"{CASE}{folio}/tomar", **verdict)
    assert taken.status_code == 200
    assert "Carta larga." in back.html
    await back.send(f"{CASE}{folio}/decidir", **verdict)
    assert "Esto leerá la persona" in back.text


async def test_the_page_says_until_when_and_more_time_keeps_what_was_typed(app: FastAPI, scene: Scene) -> None:
    step = f"/tramites/{await started(scene)}/paso/1"
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(step)
    assert "Hora límite para enviar:" in tab.text
    await silent(scene.db, 15)
    left = int(re.findall(r'data-seconds="(\d+)"', tab.html)[0])
    assert 1100 < left <= 1200
    more = await tab.send(step, again="yes", story=STORY)
    assert more.status_code == 200
    assert STORY in tab.html
    assert "No se ha enviado nada" in tab.text
    assert int(re.findall(r'data-seconds="(\d+)"', tab.html)[0]) > 1100, "twenty minutes from now"
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.saved'") == 0


async def test_what_is_stored_ends_with_the_hour_and_with_signing_out(app: FastAPI, scene: Scene) -> None:
    step = f"/tramites/{await started(scene)}/paso/1"
    for leaves in (True, False):
        tab = await new_client(app, scene.db, person_id=scene.ana.id)
        await tab.get(step)
        await silent(scene.db)
        await tab.send(step, **WORDS)
        assert await count(scene.db, "SELECT count(*) FROM stored_form") == 1
        again = await new_client(app, scene.db, person_id=scene.ana.id)
        await again.get("/mi")
        if leaves:
            await again.send("/salir")
        else:
            await delete_expired(clock.now() + timedelta(hours=2))
        assert await count(scene.db, "SELECT count(*) FROM stored_form") == 0


async def test_a_form_that_ends_its_session_leads_twice_to_the_same(app: FastAPI, scene: Scene) -> None:
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get("/mi/borrar")
    answers = await twice(tab, "/mi/borrar", tab.form("/mi/borrar"))
    assert [unsigned(answer.headers["location"]) for answer in answers] == ["/mi/borrar/hecho?hecho=cuenta"] * 2


async def test_a_page_that_both_may_open_gives_nothing_to_the_other(app: FastAPI, scene: Scene) -> None:
    ana = await new_client(app, scene.db, person_id=scene.ana.id)
    page, typed = "/mi/permisos", "CURP a medias"
    await ana.get(page)
    await silent(scene.db)
    lost = await ana.send(page, curp=typed, days="30")
    luis = await new_client(app, scene.db, person_id=(await steps.create_person(scene)).person_id)
    await luis.get(back_to(lost))
    assert typed not in luis.html
    again = await new_client(app, scene.db, person_id=scene.ana.id)
    await again.get(back_to(lost))
    assert typed in again.html


async def test_what_was_typed_beside_a_file_is_given_back_too(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", field="name", second_surname="Muñoz"))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "Otra foto.", "documents": ["identification"]})
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    page = f"/tramites/{folio}/responder"
    await tab.get(page)
    await silent(scene.db)
    sent = {"file-identification": ("foto.png", actors.picture("green", size=900), "image/png")}
    lost = await tab.send(f"{page}/documentos", files=sent, send="yes", message="La tomé con más luz.")
    assert back_to(lost) == f"{page}?guardado=1"
    again = await new_client(app, scene.db, person_id=scene.ana.id)
    await again.get(back_to(lost))
    assert "La tomé con más luz." in again.html
    assert "El archivo no se guardó: elíjalo otra vez." in again.text


LINES = "Renglón de veinte.\r\n"


async def test_a_text_as_long_as_its_box_takes_is_taken_whatever_ends_its_lines(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{folio}")
    written = LINES * 104 + "x" * 24  # 2,000 letters to the browser, which counts the end of a line as one
    assert (await tab.send(f"/tramites/{folio}/mensajes", message=written)).status_code == 303
    assert await count(scene.db, "SELECT count(*) FROM request_message WHERE length(body) = 2000") == 1


async def test_a_text_that_is_too_long_is_shown_again(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{folio}")
    refused = await tab.send(f"/tramites/{folio}/mensajes", message=LINES * 120)
    assert refused.status_code == 422
    assert "Puede tener hasta 2,000 letras; lo que escribió sigue aquí." in tab.text
    assert tab.html.count("Renglón de veinte.") == 120
    assert (await tab.send(f"/tramites/{folio}/mensajes", message=LINES)).status_code == 303
    officer = await new_client(app, scene.db, staff_id=scene.officer.staff_id)
    await scene.officer.claim(folio)
    await officer.get(f"{CASE}{folio}")
    refused = await officer.send(f"{CASE}{folio}/mensaje", via=f"{CASE}{folio}/nota", message=LINES * 120)
    assert (refused.status_code, officer.html.count("Renglón de veinte.")) == (422, 121)
