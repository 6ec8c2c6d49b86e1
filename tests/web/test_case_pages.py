"""A request on a desk: what is offered to whom, what is said of it in the words of staff, and on to the next one."""

from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from app.kernel.actor import Role
from app.web.notices import signed
from app.web.rendering import environment
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import appealed
from tests.web.browser import Browser, signed_in_browser

CASE, QUEUE = "/ventanilla/solicitudes/", "/ventanilla/cola"


async def at_desk(app: FastAPI, scene: Scene, who: actors.Officer | None = None) -> Browser:
    return await signed_in_browser(app, scene.db, staff_id=(who or scene.officer).staff_id)


async def follow(browser: Browser, path: str, **fields: Any) -> str:
    """Press a button, and go where it leads."""
    answer = await browser.send(path, **fields)
    assert answer.status_code == 303, browser.text
    where: str = answer.headers["location"]
    await browser.get(where)
    return where


async def test_an_appeal_is_offered_to_who_may_decide_it(app: FastAPI, scene: Scene) -> None:
    refuser, boss = await steps.hire(scene, Role.OFFICER), await steps.hire(scene, Role.SUPERVISOR)
    folio = await appealed(scene, refuser)
    for who, words in ((scene.officer, "La decide una persona de supervisión"), (refuser, "Usted ya participó")):
        browser = await at_desk(app, scene, who)
        await browser.get(f"{CASE}{folio}")
        assert words in browser.text
        assert f"{CASE}{folio}/tomar" not in browser.html
    browser = await at_desk(app, scene, boss)
    await browser.get(f"{CASE}{folio}")
    assert "La decide una persona" not in browser.text
    assert str(refuser.staff_id) not in browser.html, "nobody is offered who may not have it"
    assert str(scene.officer.staff_id) not in browser.html
    await follow(browser, f"{CASE}{folio}/tomar")
    assert f"Listo Tomó la solicitud {folio}." in browser.text
    assert "Se reserva hasta:" in browser.text
    assert "(hora del centro de México)" in browser.text


async def test_why_a_person_cant_be_given_a_request(app: FastAPI, scene: Scene) -> None:
    boss, refuser = await steps.hire(scene, Role.SUPERVISOR), await steps.hire(scene, Role.OFFICER)
    folio = await appealed(scene, refuser)
    browser = await at_desk(app, scene, boss)
    for who, words in (
        (refuser, "Quien ya participó en la solicitud"),
        (scene.officer, "Esa persona no puede atender"),
    ):
        await browser.get(f"{CASE}{folio}")
        given = {"via": f"{CASE}{folio}/decidir", "staff_id": str(who.staff_id)}
        assert (await browser.send(f"{CASE}{folio}/asignar", **given)).status_code == 403
        assert words in browser.text
        assert "no corresponde a su puesto" not in browser.text, "that would be said of who asks"


async def test_undo_is_not_offered_where_it_would_be_refused(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    assert (await scene.officer.decide(folio, "approve", "documents-agree")).status_code == 200
    browser, stale = await at_desk(app, scene), await at_desk(app, scene)
    await stale.get(f"{CASE}{folio}")
    assert "Deshacer la aprobación" in stale.text
    again = await scene.citizen.submit_request("data-correct", field="name", given_names="Ana Luz")
    refused = await stale.send(f"{CASE}{folio}/deshacer")
    assert refused.status_code == 409
    assert "La persona ya pidió lo mismo otra vez" in stale.text
    assert again["folio"] in stale.text
    assert "Siga la que ya tiene" not in stale.text, "that is said to citizens"
    for tab in (stale, browser):
        await tab.get(f"{CASE}{folio}")
        assert "Deshacer la aprobación" not in tab.text
    await scene.citizen.post(again["folio"], "withdraw")
    await browser.get(f"{CASE}{folio}")
    assert "Deshacer la aprobación" in browser.text, "nothing stands in its way"
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE person SET second_surname = 'Otro'"))
    await browser.get(f"{CASE}{folio}")
    assert "Deshacer la aprobación" not in browser.text


async def test_a_document_that_is_asked_for_no_more_says_what_it_is(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    browser = await at_desk(app, scene)
    await browser.get(f"{CASE}{folio}")
    assert "Ya no se pide" not in browser.text
    await steps.run(
        scene,
        f"UPDATE document SET kind = 'evidence' WHERE file_name LIKE 'foto%' AND subject_id ="
        f" (SELECT id FROM request WHERE folio = '{folio}') AND kind <> 'identification'",
    )
    await browser.get(f"{CASE}{folio}")
    assert "Identificación oficial" in browser.text
    assert "Otro documento" in browser.text, "of a kind that the service doesn't name"
    assert browser.text.count("Ya no se pide: cambió una respuesta") == 1


async def test_the_history_names_who_did_it_and_shows_repetitions_once(app: FastAPI, scene: Scene) -> None:
    started = (await scene.citizen.start("complaint", **steps.STORY)).json()
    for _ in range(4):
        saved = await scene.citizen.save(started["folio"], story="La farmacia estaba cerrada otra vez.")
        assert saved.status_code == 200, saved.text
    folio = (await scene.citizen.submit(started["folio"])).json()["folio"]
    boss = await scene.supervisor()
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/release")
    await boss.post(f"{folio}/assign", {"staff_id": str(scene.officer.staff_id)})
    browser = await at_desk(app, scene)
    await browser.get(f"{CASE}{folio}")
    for words in ("La persona guardó 4 páginas", "La tomó Rosa Díaz", "Rosa Díaz la devolvió a la cola"):
        assert browser.text.count(words) == 1, words
    assert "Rosa Díaz la asignó a Rosa Díaz" in browser.text
    history = browser.text[browser.text.find("Historia", browser.text.find("Escribir")) :]
    correction = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    assert history.find("la asignó a") < history.find("La persona empezó la solicitud"), "the latest first"
    await browser.get(f"{CASE}{correction}")
    assert browser.text.count("La persona adjuntó 2 documentos") == 1
    assert "adjuntó un documento" not in browser.text


async def test_what_turns_the_text_round_is_never_shown(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene, story="Nada raro \u202erarO\u2066 aquí")
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE person SET given_names = E'Ana\\u202e Luz'"))
    browser = await at_desk(app, scene)
    for path in (f"{CASE}{folio}", QUEUE, f"/ventanilla/personas/{scene.ana.id}"):
        await browser.get(path)
        assert "Ana Luz" in browser.html
        assert not {"\u202e", "\u2066"} & set(browser.html), path
    assert "Nada raro rarO aquí" in (await scene.citizen.get(folio))["answers"]["story"], "cleaned as it came in"
    await scene.officer.claim(folio)
    await browser.get(f"{CASE}{folio}")
    await browser.send(f"{CASE}{folio}/mensaje", note="no", body="Hola\u202e, buen\u200e día")
    said = (await scene.citizen.get(folio))["messages"]
    assert said[-1]["body"] == "Hola, buen día"


async def test_to_another_unit_by_its_name(app: FastAPI, scene: Scene) -> None:
    there, folio = await steps.unit(scene, "UMF 9 Río Ñandú"), await steps.complain(scene)
    boss = await steps.hire(scene, Role.SUPERVISOR)
    browser = await at_desk(app, scene, boss)
    form = f"{CASE}{folio}/decidir"
    await browser.get(f"{CASE}{folio}?cola=idioma%3Des")
    empty = await browser.send(f"{CASE}{folio}/enviar/buscar", via=form, unit_search="")
    assert empty.status_code == 422
    await browser.send(f"{CASE}{folio}/enviar/buscar", via=form, unit_search="nada parecido")
    assert "No encontramos ninguna" in browser.text
    await browser.send(f"{CASE}{folio}/enviar/buscar", via=form, unit_search="rio nandu", body="Nota a medias")
    assert "UMF 9 Río Ñandú" in browser.text
    assert "Nota a medias" in browser.html
    unchosen = await browser.send(f"{CASE}{folio}/enviar", via=form, unit_search="rio nandu")
    assert unchosen.status_code == 422
    assert "elíjala" in browser.text
    where = await follow(browser, f"{CASE}{folio}/enviar", unit_search="rio nandu", unit_id=str(there.id))
    assert where.startswith(f"{QUEUE}?idioma=es&hecho=enviada")
    assert f"Envió la solicitud {folio} a la cola de UMF 9 Río Ñandú." in browser.text
    assert (await steps.row(scene, folio)).unit_id == there.id


async def test_one_approval_after_the_other_within_the_filters(app: FastAPI, scene: Scene) -> None:
    folios = []
    for _ in range(3):
        who = await steps.create_person(scene)
        folios.append((await who.submit_request("data-correct", **actors.sex()))["folio"])
    hidden = folios.pop()
    await steps.change_item(scene, hidden, language="en", rank_on=steps.ago(30))
    browser = await at_desk(app, scene)
    await browser.get(f"{QUEUE}?idioma=es&servicio=data-correct")
    await follow(browser, f"{QUEUE}/siguiente")
    done: list[str] = []
    for _ in folios:
        folio = browser.here.removeprefix(CASE)
        done.append(folio)
        assert "Esperamos" not in browser.text
        await browser.send(f"{CASE}{folio}/decidir", quick="documents-agree")
        assert "Esto leerá la persona" in browser.text
        where = await follow(browser, f"{CASE}{folio}/decidir/confirmar", next="yes")
        assert (await steps.row(scene, folio)).outcome == "approved"
    assert sorted(done) == sorted(folios)
    assert where.startswith(f"{QUEUE}?idioma=es&servicio=data-correct&hecho=ultima")
    assert "No quedaba otra libre con esos filtros" in browser.text
    held = await steps.item(scene, hidden)
    assert held is not None
    assert held.holder_id is None


async def test_the_only_reason_goes_without_saying_and_no_other_does(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    browser = await at_desk(app, scene)
    await browser.get(f"{CASE}{folio}")
    refused = await browser.send(f"{CASE}{folio}/decidir", action="refuse")
    assert refused.status_code == 422, "a refusal says why"
    complaint = await steps.complain(scene)
    await scene.officer.claim(complaint)
    await browser.get(f"{CASE}{complaint}")
    assert 'name="quick"' not in browser.html, "an answer in words has no shortcut"
    assert (await browser.send(f"{CASE}{complaint}/decidir", quick="approve", message="Sí.")).status_code == 422


async def test_states_are_said_by_staff_and_not_to_the_citizen(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "El acta.", "documents": ["birth-certificate"]})
    browser = await at_desk(app, scene)
    await browser.get(f"{CASE}{folio}")
    assert "Esperamos a la persona" in browser.text
    assert "Se le pidió" in browser.text
    assert "usted" not in browser.text.lower().replace("avísele usted", "")
    citizen = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await citizen.get(f"/tramites/{folio}")
    assert "Necesitamos algo de usted" in citizen.text


async def test_only_our_words_and_folios_are_shown_as_done(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    browser = await at_desk(app, scene)
    reader, page = f"staff:{scene.officer.staff_id}", f"{CASE}{folio}?hecho=tomada&folio={folio}"
    await browser.get(signed(reader, page))
    assert f"Listo Tomó la solicitud {folio}." in browser.text
    await browser.get(page)
    assert "Listo" not in browser.text, "an address that anyone can write"
    undecided, names = f"hecho=decidida&folio={folio}", ("hecho=robada", "hecho=tomada&folio=Llame+al+55")
    for query in (undecided, *names, f"hecho=decidida&folio=<b>{folio}"):
        await browser.get(signed(reader, f"{CASE}{folio}?{query}"))
        assert "Listo" not in browser.text, query


async def test_who_upholds_a_refusal_sees_what_the_person_can_still_do(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "documents-disagree")
    await scene.citizen.get(folio)
    assert (await scene.citizen.post(folio, "appeal", body="Sí coinciden.")).status_code == 200
    boss = await steps.hire(scene, Role.SUPERVISOR)
    await boss.claim(folio)
    browser = await at_desk(app, scene, boss)
    await browser.get(f"{CASE}{folio}")
    await browser.send(f"{CASE}{folio}/decidir", action="refuse", reasons="documents-disagree")
    assert "La revisión interna mantiene la decisión." in browser.text
    assert "Recurso de inconformidad" in browser.text
    assert "Demanda ante el tribunal laboral" in browser.text
    assert "Revisión interna :" not in browser.text, "it was had"


def test_an_hour_that_ends_a_sentence_has_one_full_stop() -> None:
    page = environment().from_string('{{ _("Desde las %(hour)s.")|format(hour=hour) }} {{ hour }}, {{ hour }}')
    said = page.render(hour="2:51 a.m.").replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Desde las 2:51 a.m. 2:51 a.m., 2:51 a.m."
