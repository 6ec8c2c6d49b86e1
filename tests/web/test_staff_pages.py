"""What the pages of officers and supervisors show and do: lists that agree with their numbers, a document judged, a
refusal previewed, a person as staff see them."""

from datetime import date, timedelta
from typing import Any

from fastapi import FastAPI

from app.identity.models import Account, Mandate
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.places.rules import DEFAULT_ZONE
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser, unsigned
from tests.web.browser import count as count_of

CASE = "/ventanilla/solicitudes/"


async def officer_of(app: FastAPI, scene: Scene, role: Role = Role.OFFICER) -> tuple[Browser, actors.Officer]:
    who = scene.officer if role == Role.OFFICER else await steps.hire(scene, role)
    return await signed_in_browser(app, scene.db, staff_id=who.staff_id), who


async def correction(scene: Scene, by: actors.Citizen | None = None, **answers: str) -> str:
    asked: dict[str, Any] = answers or actors.NAME
    done = await (by or scene.citizen).submit_request("data-correct", **asked)
    folio: str = done["folio"]
    return folio


async def test_each_number_of_ones_work_leads_to_that_many(app: FastAPI, scene: Scene) -> None:
    today = clock.today(DEFAULT_ZONE)
    for days in (-2, -1, 0, 1, 30):
        folio = await steps.complain(scene, await steps.create_person(scene))
        await steps.change_item(scene, folio, due_on=today + timedelta(days=days))
    browser, _officer = await officer_of(app, scene)
    await browser.get("/ventanilla")
    assert "En espera 5 Vencidas 2 Vencen hoy 1 Por vencer 1 Escaladas 0" in browser.text
    for which, count in (("late", 2), ("today", 1), ("near", 1)):
        await browser.get(f"/ventanilla/cola?vence={which}")
        assert browser.html.count('name="folio"') == count, which
    await browser.get("/ventanilla/cola?espera=7")
    assert "No hay solicitudes con esos filtros" in browser.text


async def test_the_queue_says_who_has_it_and_since_when(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    browser, officer = await officer_of(app, scene)
    await officer.claim(folio)
    await browser.get("/ventanilla/cola?estado=mine")
    assert "Yo desde el" in browser.text


async def test_a_supervisor_gives_many_and_an_officer_is_not_offered_it(app: FastAPI, scene: Scene) -> None:
    folios = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    officer, _who = await officer_of(app, scene)
    await officer.get("/ventanilla/cola")
    assert "Asignar las seleccionadas" not in officer.text
    to = str(scene.officer.staff_id)
    assert (
        await officer.send("/ventanilla/cola/asignar", via="/ventanilla/cola/varias", folio=folios, staff_id=to)
    ).status_code == 403
    supervisor, _who = await officer_of(app, scene, Role.SUPERVISOR)
    await supervisor.get("/ventanilla/cola")
    await supervisor.send("/ventanilla/cola/asignar", folio=folios, staff_id=to)
    assert "Asignadas a Rosa Díaz" in supervisor.text
    assert supervisor.text.count("Asignada") == 3
    for folio in folios:
        item = await steps.item(scene, folio)
        assert item is not None
        assert str(item.holder_id) == to


async def test_many_are_decided_for_reasons_of_the_version_they_began_with(app: FastAPI, scene: Scene) -> None:
    words = {"es": "Resuelta de otro modo.", "en": "Solved in another way."}
    ground = {"es": "LFPA, art. 60", "en": "LFPA, art. 60"}
    reasons = [{"code": "another-way", "outcome": "approved", "text": words}]
    reasons.append({"code": "not-ours", "outcome": "refused", "text": words, "ground": ground})
    await steps.publish(scene, "complaint", 71, decision={"by": "officer", "reasons": reasons})
    folio = await steps.complain(scene)
    await steps.change(scene, folio, service_version=71)
    browser, _officer = await officer_of(app, scene)
    await browser.get("/ventanilla/cola")
    await browser.send("/ventanilla/cola/varias", folio=folio)
    assert "Resuelta de otro modo." in browser.text
    for unknown in ("answered", "no-such-reason"):
        wrong = await browser.send(
            "/ventanilla/cola/varias/decidir", via="/ventanilla/cola/varias", previewed=folio, reason=unknown
        )
        assert wrong.status_code == 422, unknown
    assert (await steps.row(scene, folio)).outcome is None
    reported = {"reason": "another-way", "message": "Ya está."}
    await browser.send("/ventanilla/cola/varias", **reported)
    await browser.send("/ventanilla/cola/varias/decidir", **reported)
    assert (await steps.row(scene, folio)).outcome == "approved"


async def test_the_search_keeps_what_is_typed_out_of_the_address(app: FastAPI, scene: Scene) -> None:
    folio, ana = await steps.complain(scene), scene.ana
    browser, _officer = await officer_of(app, scene)
    await browser.get(f"/ventanilla/buscar?q={ana.curp}")
    assert folio not in browser.html
    assert 'method="post"' in browser.html
    sent = await browser.send("/ventanilla/buscar", q=ana.curp)
    assert sent.status_code == 303
    assert ana.curp not in sent.headers["location"]
    for _back in range(2):
        assert (await browser.get(sent.headers["location"])).status_code == 200
        assert folio in browser.html
        assert f'value="{ana.curp}"' in browser.html, "Back and a reload find it again"
    stored = await count_of(
        scene.db, "SELECT count(*) FROM web_session WHERE answers::text LIKE '%' || :curp || '%'", curp=ana.curp
    )
    assert stored == 0, "encrypted"
    other, _who = await officer_of(app, scene)
    await other.get(sent.headers["location"])
    assert folio not in other.html
    assert "Esa búsqueda ya no está guardada" in other.text
    for number in range(10):
        await browser.send("/ventanilla/buscar", q=f"Otra {number}x")
    await browser.get(sent.headers["location"])
    assert "Esa búsqueda ya no está guardada" in browser.text, "the last ten are stored"
    await browser.get((await browser.send("/ventanilla/buscar", q="7K3")).headers["location"])
    assert "Escriba al menos 4 letras o números" in browser.text


async def test_a_document_is_turned_reviewed_and_asked_for_again(app: FastAPI, scene: Scene) -> None:
    folio = await correction(scene)
    first, second = [one["id"] for one in (await scene.citizen.get(folio))["documents"]]
    browser, officer = await officer_of(app, scene)
    where = f"{CASE}{folio}/documentos/"
    await browser.get(where + first)
    assert "Aceptar documento" not in browser.text, "who hasn't the request doesn't judge"
    await officer.claim(folio)
    await browser.get(f"{where}{first}?giro=270&tamano=150")
    assert "v-turn-270" in browser.html
    assert "v-size-150" in browser.html
    assert "?giro=0&amp;tamano=150" in browser.html
    assert (await browser.get(f"{where}{first}?giro=45")).status_code == 422
    file = await browser.client.get(f"{where}{first}/archivo")
    assert (file.headers["content-type"], file.content) == ("image/png", actors.picture())

    await browser.get(where + first)
    without = await browser.send(f"{where}{first}/juzgar", accept="no", large="yes")
    assert without.status_code == 422
    assert "Falta este dato" in browser.text
    why = {f"because-{first}": "unreadable", f"reason-{first}": "Abajo."}
    done = await browser.send(f"{where}{first}/juzgar", accept="no", **why)
    assert (done.status_code, unsigned(done.headers["location"])) == (303, f"{where}{second}?hecho=rechazado"), (
        "on to the next one"
    )
    await browser.get(where + second)
    done = await browser.send(f"{where}{second}/juzgar", accept="yes", large="yes")
    assert unsigned(done.headers["location"]) == f"{CASE}{folio}?hecho=aceptado", "none is left"

    await browser.get(f"{CASE}{folio}")
    said = "No se lee bien: tome la foto con más luz y sin reflejos. Abajo."
    assert f"Identificación oficial: {said}" in browser.text, "what to ask for is written already"
    assert browser.html.count('value="identification" checked') == 1
    await browser.send(f"{CASE}{folio}/pedir", ask=f"Identificación oficial: {said}", documents="identification")
    citizen = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await citizen.get(f"/tramites/{folio}/responder")
    assert f"No sirve {said}" in citizen.text


async def test_what_else_is_open_of_the_same_service_is_said(app: FastAPI, scene: Scene) -> None:
    elsewhere = await steps.unit(scene, "UMF 9 Otra")
    earlier, other = await correction(scene), await correction(scene, **actors.sex())
    await steps.change(scene, other, unit_id=elsewhere.id)
    folio = await correction(scene, field="birth_on", birth_on="1991-06-18", curp=actors.curp(date(1991, 6, 18)))
    browser, _officer = await officer_of(app, scene)
    await browser.get(f"{CASE}{folio}")
    assert "tiene además en curso, del mismo trámite" in browser.text
    assert "Repetida" not in browser.text, "what is asked for twice is refused when it is submitted"
    assert f"{CASE}{earlier}" in browser.html
    assert other not in browser.html, "a request of another unit isn't theirs to open"
    assert "en otra unidad" in browser.text
    await steps.run(scene, f"UPDATE request SET kind = 'final', outcome = 'refused' WHERE folio <> '{folio}'")
    await browser.get(f"{CASE}{folio}")
    assert "además en curso" not in browser.text, "what is decided is among the others"
    assert f"{CASE}{earlier}" in browser.html


async def test_a_refusal_that_another_person_confirms_is_previewed_as_such(app: FastAPI, scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = (await who.submit_request("pension", **steps.PENSION))["folio"]
    browser, officer = await officer_of(app, scene)
    await officer.claim(folio)
    await browser.get(f"{CASE}{folio}")
    await browser.send(f"{CASE}{folio}/decidir", action="refuse", reasons="not-enough-weeks", message="Faltan.")
    assert "La negativa la confirma otra persona" in browser.text
    assert "Ley del Seguro Social, arts. 154 y 162" in browser.text, "its legal ground"
    assert "15 días hábiles desde que surte efectos la notificación" in browser.text, "and what can be used"
    sent = await browser.send(f"{CASE}{folio}/decidir/confirmar", next="yes")
    queue = sent.headers["location"]
    assert "hecho=propuesta" in queue
    await browser.get(queue)
    assert "La confirma otra persona: espera en la cola" in browser.text
    second = await steps.hire(scene, Role.SUPERVISOR, scene.unit)
    await second.claim(folio)
    assert (await second.decide(folio, "confirm", "not-enough-weeks", message="Faltan 20.")).status_code == 200
    await browser.get(queue)
    assert f"Propuso la negativa de {folio}." in browser.text
    assert "espera en la cola" not in browser.text
    simple = await correction(scene)
    await officer.claim(simple)
    await browser.send(f"{CASE}{simple}/decidir", action="refuse", reasons="documents-disagree")
    assert "La negativa la confirma otra persona" not in browser.text


async def test_a_person_as_staff_see_them(app: FastAPI, scene: Scene) -> None:
    helper = await steps.create_person(scene, given_names="Teresa", first_surname="Ríos")
    today = clock.today(DEFAULT_ZONE)
    async with scene.db.transaction() as session:
        ana = scene.ana
        account = {
            "person_id": ana.id,
            "curp": ana.curp,
            "language": "en",
            "created_at": clock.now(),
            "assurance": "full",
        }
        session.add(Account(email="ana@ejemplo.mx", **account))
        consent = {"services": ["pension"], "starts_on": today, "ends_on": today, "granted_at": clock.now()}
        consent |= {"delegate_curp": "", "channel": "web"}
        for grantor, agent in ((ana.id, helper.person_id), (helper.person_id, ana.id)):
            session.add(Mandate(id=ids.new_id(), grantor_id=grantor, delegate_id=agent, **consent))
    folio = await steps.complain(scene)
    browser, _officer = await officer_of(app, scene)
    for _twice in range(2):
        await browser.get(f"/ventanilla/personas/{scene.ana.id}")
    for words in (folio, "ana@ejemplo.mx", "inglés", "Citas Ninguna en sus unidades", "Rosa Díaz,"):
        assert words in browser.text + browser.html, words
    assert "Le dio permiso a Teresa Ríos" in browser.text
    assert "Tiene permiso de Teresa Ríos" in browser.text
    assert "Pensión de vejez o cesantía" in browser.text
    stranger, _who = await officer_of(app, scene)
    other = await steps.create_person(scene, unit=await steps.unit(scene))
    assert (await stranger.get(f"/ventanilla/personas/{other.person_id}")).status_code == 404


async def test_appointments_of_a_person_are_those_of_ones_units(app: FastAPI, scene: Scene) -> None:
    elsewhere = await steps.unit(scene, "UMF 9 Otra")
    async with scene.db.transaction() as session:
        (start_at,) = await places.seats(session, scene.unit)
        await places.booked(session, scene.ana, places.place(scene.unit, start_at))
    await steps.change(scene, await steps.complain(scene), unit_id=elsewhere.id)
    browser, _officer = await officer_of(app, scene)
    await browser.get(f"/ventanilla/personas/{scene.ana.id}")
    assert "medicina familiar" in browser.text.lower()
    assert "Reservada" in browser.text
    there = await signed_in_browser(app, scene.db, staff_id=(await steps.hire(scene, Role.OFFICER, elsewhere)).staff_id)
    await there.get(f"/ventanilla/personas/{scene.ana.id}")
    assert "Citas Ninguna en sus unidades" in there.text
