"""What the lists of staff have in common: by which clock their times are, and filters that no one knows; the feedback
of a button says how a request stands and where it is."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from app.certificates.models import UnprintableCertificate
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories as places
from tests.audit.views import seen
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import fill
from tests.web.browser import Browser, another_tab, signed_in_browser

STAFF, QUEUE, CASE = "/ventanilla", "/ventanilla/cola", "/ventanilla/solicitudes/"
CENTRE, COAST = "hora del centro de México", "hora de Baja California"
ONE_CLOCK = "Las horas son las de esta zona"
UNKNOWN_PERSON = "01900000-0000-7000-8000-000000000000"
UNKNOWN = "porque no se conoce lo que pide"


async def staff(app: FastAPI, scene: Scene, role: Role, *units: Unit) -> Browser:
    hired = await actors.hire(scene.db, scene.client, role, *units)
    return await signed_in_browser(app, scene.db, staff_id=hired.staff_id)


async def on_the_coast(scene: Scene) -> Unit:
    async with scene.db.transaction() as session:
        return await places.unit(session, name="UMF 27 Tijuana", timezone="America/Tijuana")


async def hold_certificate(scene: Scene, unit_id: UUID) -> None:
    async with scene.db.transaction() as session:
        session.add(
            UnprintableCertificate(
                person_id=scene.ana.id,
                request_id=ids.new_id(),
                request_folio=ids.new_folio("R"),
                unit_id=unit_id,
                template="nss",
                letters="陈",
                reported_at=clock.now(),
            )
        )


async def test_the_queue_names_each_clock_where_it_spans_several(app: FastAPI, scene: Scene) -> None:
    coast = await on_the_coast(scene)
    here, there = await steps.complain(scene), await steps.complain(scene, await steps.create_person(scene, unit=coast))
    await scene.officer.claim(here)
    everywhere = await staff(app, scene, Role.SUPERVISOR)
    await everywhere.get(QUEUE)
    assert ONE_CLOCK in everywhere.text
    assert CENTRE in everywhere.text
    assert f"m. ({CENTRE})" not in everywhere.text, "one line says it for all"
    await (await steps.hire(scene, Role.OFFICER, coast)).claim(there)
    await everywhere.get(QUEUE)
    assert f"m. ({CENTRE})" in everywhere.text
    assert f"m. ({COAST})" in everywhere.text
    assert ONE_CLOCK not in everywhere.text
    local = await staff(app, scene, Role.OFFICER, coast)
    await local.get(QUEUE)
    assert COAST not in local.text, "who works at one unit reads their own clock"


async def test_the_other_lists_do_the_same(app: FastAPI, scene: Scene) -> None:
    coast = await on_the_coast(scene)
    boss = await staff(app, scene, Role.ADMIN)
    held, accesses = f"{STAFF}/constancias", f"{STAFF}/accesos?persona={scene.ana.id}"
    person = f"{STAFF}/personas/{scene.ana.id}"
    await hold_certificate(scene, scene.unit.id)
    await seen(scene, clock.now() - timedelta(days=1))
    await boss.get(held)
    assert ONE_CLOCK in boss.text
    assert f"m. ({CENTRE})" not in boss.text
    await hold_certificate(scene, coast.id)
    await boss.get(held)
    assert f"m. ({CENTRE})" in boss.text
    assert f"m. ({COAST})" in boss.text
    elsewhere = await seen(scene, clock.now() - timedelta(days=2))
    for path in (accesses, person):
        assert (await boss.get(path)).status_code == 200
        assert f"m. ({CENTRE})" not in boss.text, path
    await steps.run(scene, f"UPDATE personal_data_view SET unit_id = '{coast.id}' WHERE id = '{elsewhere}'")
    for path in (accesses, person):
        assert (await boss.get(path)).status_code == 200
        assert f"m. ({CENTRE})" in boss.text, path
        assert f"m. ({COAST})" in boss.text, path


LISTS = [
    (QUEUE, "estado=nada", "Quién la tiene"),
    (QUEUE, "vence=ayer&espera=999", "Vencimiento, Tiempo en espera"),
    (QUEUE, "asunto=x&orden=y", "Asunto, Orden"),
    (QUEUE, "unidad=none", "Unidad"),
    (QUEUE, f"quien={UNKNOWN_PERSON}", "La tiene"),
    (QUEUE, f"unidad={UNKNOWN_PERSON}", "Unidad"),
    (QUEUE, "servicio=%00&idioma=fr", "Idioma, Trámite"),
    (QUEUE, "desde=nada&antes=W10", "Página"),
    (QUEUE, "color=rojo&X%3Cb%3E=1", "color, otro"),
    (QUEUE, f"servicio={'x' * 400}", "Trámite"),
    (f"{STAFF}/en-espera", "de=otra", "Lista"),
    (f"{STAFF}/en-espera", "vence=ayer&estado=free", "Vencimiento, Quién la tiene"),
    (f"{STAFF}/en-espera", "desde=x", "Página"),
    (f"{STAFF}/constancias", "estado=nada", "Quién la tiene"),
    (f"{STAFF}/avisos", "motivo=nada", "motivo"),
    (f"{STAFF}/pendientes", "tipo=nada", "tipo"),
    (f"{STAFF}/por-avisar", "unidad=nada", "Unidad"),
    (f"{STAFF}/accesos", "persona=nadie", "De quién son los datos"),
    (f"{STAFF}/accesos", f"lector={UNKNOWN_PERSON}&hasta=ayer", "Hasta el día, Quién los vio"),
    (f"{STAFF}/accesos", "desde=2026-13-01&despues=x", "Página, Desde el día"),
    (f"{STAFF}/personal", "despues=x", "Página"),
    (f"{STAFF}/personal", "b=gone", "Búsqueda"),
    (f"{STAFF}/buscar", "orden=x", "Orden"),
]


@pytest.mark.parametrize(("path", "query", "names"), LISTS)
async def test_an_unknown_filter_is_left_out_and_named(
    app: FastAPI, scene: Scene, path: str, query: str, names: str
) -> None:
    boss = await staff(app, scene, Role.ADMIN)
    await boss.get(path)
    assert UNKNOWN not in boss.text
    answer = await boss.get(f"{path}?{query}")
    assert answer.status_code == 200
    said = boss.text.partition("porque no se conoce lo que pide")[2].partition(".")[0].removeprefix("n")
    assert sorted(said.removeprefix(": ").split(", ")) == sorted(names.split(", "))
    await boss.get(f"/en{path}?{query}")
    assert "unknown: " in boss.text


async def test_a_list_with_an_unknown_filter_has_the_rows_of_the_known(app: FastAPI, scene: Scene) -> None:
    (folio,) = await fill(scene, 1)
    browser = await staff(app, scene, Role.OFFICER, scene.unit)
    await browser.get(f"{QUEUE}?estado=nada&idioma=es&unidad={scene.unit.id}")
    assert folio in browser.html
    assert "Idioma: Español" in browser.text
    assert f"Unidad: {scene.unit.name}" in browser.text
    await browser.get(f"{QUEUE}?estado=nada&idioma=en")
    assert folio not in browser.html
    await browser.get(f"{QUEUE}?quien={scene.officer.staff_id}")
    assert "La tiene: Rosa Díaz" in browser.text, "a colleague who has none is known"
    await browser.get(f"{QUEUE}?servicio=nursery&quien={scene.officer.staff_id}")
    for chosen in ("Lugar en guardería (0)", "Rosa Díaz (0)"):
        assert chosen in browser.text, "what is chosen is in its list, though nothing of it waits"
    assert UNKNOWN not in browser.text


async def test_nothing_free_is_nothing_to_take(app: FastAPI, scene: Scene) -> None:
    browser = await staff(app, scene, Role.OFFICER, scene.unit)
    for path in (QUEUE, STAFF):
        await browser.get(path)
        assert "Tomar la siguiente" not in browser.text, "an empty list"
    (folio,) = await fill(scene, 1)
    for path in (QUEUE, STAFF, f"{QUEUE}?estado=free"):
        await browser.get(path)
        assert "Tomar la siguiente" in browser.text
    await browser.get(f"{QUEUE}?idioma=en")
    assert "Tomar la siguiente" not in browser.text
    until = clock.now() + timedelta(minutes=9)
    await steps.change_item(scene, folio, holder_id=scene.officer.staff_id, lease_until=until)
    for path in (QUEUE, STAFF, f"{QUEUE}?estado=escalated"):
        await browser.get(path)
        assert "Tomar la siguiente" not in browser.text, "a colleague has the only one"


async def test_services_are_not_mixed_in_one_decision_and_what_was_ticked_stays(app: FastAPI, scene: Scene) -> None:
    complaints = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    other = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    browser = await staff(app, scene, Role.SUPERVISOR, scene.unit)
    await browser.get(QUEUE)
    refused = await browser.send(f"{QUEUE}/varias", folio=[*complaints, other], cola="idioma=es")
    assert refused.status_code == 422
    assert "Las seleccionadas no son todas del mismo trámite" in browser.text
    assert f"Quite estas de la selección y decídalas aparte: {other}." in browser.text
    for folio in [*complaints, other]:
        box = browser.html.partition(f'value="{folio}"')[2].partition(">")[0]
        assert "checked" in box, "it stays ticked"
    assert "Idioma: Español" in browser.text
    await browser.send(f"{QUEUE}/varias", folio=complaints)
    assert "Decidir 2 solicitudes" in browser.text


async def test_the_feedback_says_how_it_was_decided_and_where_it_is(app: FastAPI, scene: Scene) -> None:
    folios = [
        (await (await steps.create_person(scene)).submit_request("data-correct", **actors.sex()))["folio"]
        for _ in range(2)
    ]
    folios.append(await steps.complain(scene))
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    not_ours = {"action": "refuse", "reasons": "not-ours", "message": "Acuda a la Profeco."}
    ways: tuple[tuple[dict[str, str], str], ...] = (
        ({"quick": "documents-agree"}, "Aprobada"),
        ({"action": "refuse", "reasons": "documents-disagree"}, "Negada"),
        (not_ours, "Contestada: no nos corresponde"),
    )
    for folio, (fields, state) in zip(folios, ways, strict=True):
        await scene.officer.claim(folio)
        await browser.get(f"{CASE}{folio}")
        await browser.send(f"{CASE}{folio}/decidir", **fields)
        where = (await browser.send(f"{CASE}{folio}/decidir/confirmar")).headers["location"]
        await browser.get(where)
        assert f"La solicitud {folio} quedó decidida: {state}. Ya no está en ninguna cola." in browser.text
    back = await steps.complain(scene, await steps.create_person(scene))
    boss = await signed_in_browser(app, scene.db, staff_id=(await scene.supervisor()).staff_id)
    await boss.get(f"{CASE}{back}")
    given = await boss.send(f"{CASE}{back}/asignar", staff_id=str(scene.officer.staff_id))
    await boss.get(given.headers["location"])
    assert f"Asignó la solicitud {back} a Rosa Díaz." in boss.text
    returned = await boss.send(f"{CASE}{back}/soltar")
    await boss.get(returned.headers["location"])
    assert f"Devolvió la solicitud {back} a la cola de {scene.unit.name}." in boss.text


async def test_each_button_has_a_name_of_its_own(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await browser.get(f"{CASE}{folio}")
    buttons = [part.partition(">")[0] for part in browser.html.split("<button ")]
    quick = [one for one in buttons if 'name="quick"' in one]
    named = [part.partition('aria-labelledby="')[2].partition('"')[0] for part in quick]
    assert len(named) == len(set(named)) == 2
    for ids_ in named:
        for id_ in ids_.split():
            assert browser.html.count(f'id="{id_}"') == 1
    assert all("-reason" in one for one in named), "the reason is part of the name"


async def test_one_waits_and_two_wait(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    for count, said in ((1, "1 espera respuesta, 0 esperan"), (2, "2 esperan respuesta, 0 esperan la visita.")):
        folio = await steps.complain(scene, await steps.create_person(scene))
        await scene.officer.claim(folio)
        await scene.officer.post(f"{folio}/ask", {"body": "¿Qué día?", "fields": ["happened_on"]})
        await another_tab(browser).get(STAFF)
        await browser.get(f"{STAFF}/en-espera")
        assert said in browser.text, count
