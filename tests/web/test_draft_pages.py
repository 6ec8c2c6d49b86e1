"""A draft on the pages: what is right is saved though something is wrong, each page misses its own answers, and a
change leads back to the review. Without scripts."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.catalog.loader import load_services
from app.web.citizen.fields import steps_of
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, count, signed_in_browser, twice

CHILD, MOTHER, SPOUSE = (actors.curp(date(year, 1, 1)) for year in (2020, 1960, 1991))


async def drafted(app: FastAPI, scene: Scene, service: str, **answers: Any) -> tuple[Browser, str]:
    """A citizen with a draft of this service, and its address."""
    started = await scene.citizen.start(service, **answers)
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    return browser, f"/tramites/{started.json()['folio']}"


def alerts(browser: Browser) -> dict[str, str]:
    """Where each line of the summary of what is wrong leads, and what it says."""
    summary = browser.html.partition('class="govuk-error-summary"')[2].partition("<main")[0].partition("<form")[0]
    return dict(re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary))


async def test_right_answers_are_saved_beside_a_wrong_one(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "unemployment")
    page = f"{draft}/paso/1"
    await browser.get(page)
    typed = {"afore": "AFORE Azul", "clabe": "0321", "understands_weeks": "yes"}
    form = browser.form(page, **typed)
    refused = await browser.send(page, **typed)
    assert refused.status_code == 422
    assert alerts(browser) == {"clabe": "La CLABE tiene 18 números."}
    assert 'value="0321"' in browser.html, "what was typed is there"
    row = await steps.row(scene, draft.split("/")[2])
    assert row.answers == {"afore": "AFORE Azul", "understands_weeks": True}
    again = await browser.client.post(page, data=form)
    assert (again.status_code, again.text) == (422, refused.text), "sent twice, it is the same page"
    assert (await steps.row(scene, row.folio)).version == row.version
    assert (await browser.send(page, **(typed | {"clabe": actors.CLABE}))).status_code == 303


async def test_the_form_of_a_part_that_was_saved_may_be_corrected_and_sent_again(app: FastAPI, scene: Scene) -> None:
    """Back to the form as it was first shown: what it says now is saved, and no more is said to be done than was."""
    browser, draft = await drafted(app, scene, "unemployment")
    page, folio = f"{draft}/paso/1", draft.split("/")[2]
    await browser.get(page)
    typed = {"afore": "AFORE Azul", "clabe": "0321", "understands_weeks": "yes"}
    form = browser.form(page, **typed)
    assert (await browser.client.post(page, data=form)).status_code == 422
    other = form | {"afore": "AFORE Verde", "clabe": "0322"}
    assert [one.status_code for one in await twice(browser, page, other)] == [422, 422], "wrong once more"
    assert (await steps.row(scene, folio)).answers["afore"] == "AFORE Verde"
    right = form | {"clabe": actors.CLABE}
    answers = await twice(browser, page, right)
    assert [one.status_code for one in answers] == [303, 303]
    row = await steps.row(scene, folio)
    assert (row.answers["afore"], row.answers["clabe"]) == ("AFORE Azul", actors.CLABE)
    late = await browser.client.post(page, data=form | {"afore": "AFORE Roja", "clabe": actors.CLABE})
    assert late.status_code == 409, "it was done whole"
    assert (await steps.row(scene, folio)).version == row.version


async def test_what_another_tab_saved_since_a_part_is_not_overwritten(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "unemployment")
    page, folio = f"{draft}/paso/1", draft.split("/")[2]
    await browser.get(page)
    form = browser.form(page, afore="AFORE Azul", clabe="0321", understands_weeks="yes")
    first = await browser.client.post(page, data=form)
    await steps.change(scene, folio, version=9)
    refused = browser._seen(
        await browser.client.post(page, data=form | {"clabe": actors.CLABE, "afore": "AFORE Verde"})
    )
    assert (refused.status_code, "Esto cambió mientras" in browser.text) == (409, True)
    assert "AFORE Verde" in browser.html, "what was typed is there"
    again = await browser.client.post(page, data=form)
    assert (again.status_code, again.text) == (422, first.text), "the first form has the page it had"


async def test_right_answers_are_saved_beside_an_empty_one(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "nursery")
    await browser.get(f"{draft}/paso/1")
    assert (await browser.send(f"{draft}/paso/1", dependant_curp=CHILD, siblings="no")).status_code == 422
    assert list(alerts(browser)) == ["single_parent"]
    assert "conteste sí o no" in browser.text
    answers = (await steps.row(scene, draft.split("/")[2])).answers
    assert (answers["dependant_curp"], answers["siblings"]) == (CHILD, False)
    await browser.get(f"{draft}/paso/1")
    assert f'value="{CHILD}"' in browser.html, "and it is there on another device"


async def test_nothing_is_saved_where_nothing_is_right(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "unemployment")
    await browser.get(f"{draft}/paso/1")
    before = await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.saved'")
    assert (await browser.send(f"{draft}/paso/1", clabe="0321")).status_code == 422
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.saved'") == before
    assert (await steps.row(scene, draft.split("/")[2])).answers == {}


async def test_a_wrong_answer_leaves_the_one_before(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "clinic-change", postal_code="06700")
    await browser.get(f"{draft}/paso/1")
    assert (await browser.send(f"{draft}/paso/1", postal_code="67")).status_code == 422
    assert alerts(browser) == {"postal_code": "Código postal: Son 5 números, sin letras."}
    assert (await steps.row(scene, draft.split("/")[2])).answers["postal_code"] == "06700"


async def test_what_the_answers_require_is_missed_on_its_page(app: FastAPI, scene: Scene) -> None:
    """Required by `if` and `then`, on another page or on the same."""
    browser, draft = await drafted(app, scene, "dependant-add", kinship="child", dependant_curp=CHILD)
    page = f"{draft}/paso/3"
    await browser.get(page)
    assert (await browser.send(page)).status_code == 422
    assert list(alerts(browser)) == ["situation"]
    page = (await browser.send(page, situation="studies")).headers["location"]
    await browser.get(page)
    assert (await browser.send(page)).status_code == 422
    assert list(alerts(browser)) == ["studies_until-day"], "the first box of the date"
    until = steps.TODAY + timedelta(days=90)
    partly = {"studies_until-day": str(until.day), "studies_until-year": str(until.year)}
    assert (await browser.send(page, **partly)).status_code == 422
    assert "A la fecha le falta: el mes." in browser.text
    whole = partly | {"studies_until-month": str(until.month)}
    assert (await browser.send(page, **whole)).status_code == 303


async def test_what_the_same_page_requires_is_missed_there(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "family-health", ages="34, 6")
    page = f"{draft}/paso/2"
    await browser.get(page)
    assert (await browser.send(page, illnesses="waiting", disability="no")).status_code == 422
    assert list(alerts(browser)) == ["illness_detail"]
    answers = (await steps.row(scene, draft.split("/")[2])).answers
    assert (answers["illnesses"], answers["disability"]) == ("waiting", False)
    assert (await browser.send(page, illnesses="none", disability="no")).status_code == 303


def test_a_condition_on_a_question_that_is_not_asked_hides_what_hangs_on_it() -> None:
    service = load_services()["dependant-add"]
    names = ["situation", "studies_until", "lives_with_me"]
    fields = dict(service.form.fields)
    fields["studies_until"] = fields["studies_until"].model_copy(update={"show_when": {"situation": ["studies"]}})
    pages = [service.form.pages[1], service.form.pages[2].model_copy(update={"fields": names})]
    form = service.form.model_copy(update={"pages": pages, "fields": fields})
    one_page = service.model_copy(update={"form": form})
    for kinship, asked in (("parent", ["lives_with_me"]), ("child", ["situation", "studies_until"])):
        assert [one.name for one in steps_of(one_page, {"kinship": kinship})[1].fields] == asked


async def test_one_of_several_is_missed_on_its_page(app: FastAPI, scene: Scene) -> None:
    who = await steps.create_person(scene, nss=False)
    folio = (await who.start("nss-assign")).json()["folio"]
    browser = await signed_in_browser(app, scene.db, person_id=who.person_id)
    await browser.get(f"/tramites/{folio}/paso/1")
    assert "(si quiere)" not in browser.text, "one of the two is needed"
    assert (await browser.send(f"/tramites/{folio}/paso/1")).status_code == 422
    assert alerts(browser) == {"email": "Correo electrónico: Dé al menos uno de estos datos."}


async def test_a_question_of_another_answer_is_not_asked(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "dependant-add", kinship="parent", dependant_curp=MOTHER)
    await browser.get(f"{draft}/paso/3")
    assert 'name="lives_with_me"' in browser.html
    assert 'name="studies_until-day"' not in browser.html, "nor one that hangs on it"


async def test_a_change_leads_back_to_the_review(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "nursery", dependant_curp=CHILD, siblings=False, single_parent=True)
    await scene.citizen.save(draft.split("/")[2], postal_code="06700", hours="morning")
    for document in (await scene.citizen.get(draft.split("/")[2]))["required_documents"]:
        await scene.citizen.attach(draft.split("/")[2], document["kind"])
    await browser.get(f"{draft}/revisar")
    page = f"{draft}/paso/1?volver=revisar"
    assert f'href="{page}"' in browser.html
    await browser.get(page)
    assert f'href="{draft}/revisar"' in browser.html, "and so does going back"
    assert "Guardar y volver a la revisión" in browser.text
    typed = {"dependant_curp": CHILD, "siblings": "yes"}
    assert (await browser.send(f"{draft}/paso/1", **typed)).status_code == 422
    done = await browser.send(f"{draft}/paso/1", **typed, single_parent="no")
    assert done.headers["location"] == f"{draft}/revisar", "after a mistake too"


async def test_a_change_that_asks_more_leads_there_first(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "dependant-add", kinship="spouse", dependant_curp=SPOUSE)
    folio = draft.split("/")[2]
    await scene.citizen.attach(folio, "marriage-certificate")
    await browser.get(f"{draft}/paso/2?volver=revisar")
    more = await browser.send(f"{draft}/paso/2", kinship="child", dependant_curp=CHILD)
    assert more.headers["location"] == f"{draft}/paso/3?volver=revisar"
    await browser.get(more.headers["location"])
    documents = await browser.send(f"{draft}/paso/3", situation="none")
    assert documents.headers["location"] == f"{draft}/documentos"
    await browser.get(documents.headers["location"])
    assert "0 de 1 documento listo" in browser.text
    assert "Ya no hacen falta" in browser.text
    assert "Acta de matrimonio: foto.png" in browser.text
    await browser.get(f"{draft}/revisar")
    assert re.search(r"Acta de matrimonio foto\.png \(\d+ kB\) Ya no hace falta", browser.text)


async def test_a_document_of_an_answer_taken_back_is_not_asked_for(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "dependant-add", kinship="child", dependant_curp=CHILD)
    folio = draft.split("/")[2]
    await scene.citizen.save(folio, situation="disability")
    await scene.citizen.save(folio, kinship="parent", lives_with_me=True, dependant_curp=MOTHER)
    await browser.get(f"{draft}/documentos")
    assert "Dictamen de discapacidad" not in browser.text
    await scene.citizen.save(folio, kinship="child", dependant_curp=CHILD)
    await browser.get(f"{draft}/documentos")
    assert "Dictamen de discapacidad" in browser.text, "the answer is still there when the first changes back"


async def test_what_is_submitted_is_what_was_asked(scene: Scene) -> None:
    begun = (await scene.citizen.start("data-correct", **actors.sex())).json()
    await scene.citizen.save(begun["folio"], **actors.NAME)
    for kind in ("identification", "birth-certificate"):
        await scene.citizen.attach(begun["folio"], kind)
    assert (await scene.citizen.submit(begun["folio"])).status_code == 200
    assert (await steps.row(scene, begun["folio"])).answers == actors.NAME


async def test_a_complaint_is_not_of_a_day_that_has_not_come(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "complaint")
    page = f"{draft}/paso/1"
    await browser.get(page)
    for days, status in ((400, 422), (1, 422), (0, 303)):
        day = steps.TODAY + timedelta(days=days)
        boxes = {f"happened_on-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
        answer = await browser.send(page, about="complaint", story="La farmacia estaba cerrada.", **boxes)
        assert answer.status_code == status, days
        if status == 422:
            assert "Ese día todavía no llega" in browser.text
            assert 'href="#happened_on-day"' in browser.html
    late = await scene.citizen.start("complaint", happened_on=steps.ago(-1).isoformat(), **steps.STORY)
    assert late.status_code == 422, "nor by the API"


async def test_the_summary_of_what_is_wrong_takes_the_focus(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "complaint")
    await browser.get(f"{draft}/paso/1")
    assert "autofocus" not in browser.html
    await browser.send(f"{draft}/paso/1")
    assert browser.html.count(" autofocus") == 1
    assert list(alerts(browser)) == ["about", "story"]
    for field in alerts(browser):
        assert f'id="{field}"' in browser.html


async def test_a_text_says_how_many_letters_it_takes(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "complaint")
    await browser.get(f"{draft}/paso/1")
    assert "Hasta 2,000 letras." in browser.text


@pytest.mark.parametrize(
    ("service", "field", "limit"), [("complaint", "story", "2,000"), ("data-correct", "explanation", "1,000")]
)
async def test_a_text_too_long_is_refused_with_the_limit_of_its_field(
    app: FastAPI, scene: Scene, service: str, field: str, limit: str
) -> None:
    """The limit that its hint says, whether it is one letter over or far beyond what any field takes."""
    browser, draft = await drafted(app, scene, service, **({"field": "sex"} if service == "data-correct" else {}))
    number = 1
    while f'name="{field}"' not in browser.html:
        await browser.get(f"{draft}/paso/{number}")
        number += 1
    page = f"{draft}/paso/{number - 1}"
    assert f"Hasta {limit} letras." in browser.text
    most = int(limit.replace(",", ""))
    for typed in (most + 1, 2_001, 9_000):
        assert (await browser.send(page, **{field: "a" * typed})).status_code == 422
        assert f"Es demasiado largo: caben {limit} letras y escribió {typed:,}." in alerts(browser)[field]
        assert "a" * typed in browser.html
    await browser.send(page, **{field: "a" * most})
    assert field not in alerts(browser)


async def test_documents_say_what_was_received_and_what_is_left(app: FastAPI, scene: Scene) -> None:
    browser, draft = await drafted(app, scene, "data-correct", **actors.NAME)
    page = f"{draft}/documentos"
    await browser.get(page)
    assert "0 de 2 documentos listos. Si no los tiene a la mano, puede continuar" in browser.text
    assert (await browser.send(page, next="yes")).headers["location"] == f"{draft}/revisar", "as the page says"
    await browser.get(f"{draft}/revisar")
    assert "Sin ellos no se puede enviar la solicitud." in browser.text
    assert 'method="post"' not in browser.html[browser.html.find("<main") :], "nothing to press that can't work"
    assert f'href="{page}"' in browser.html
    await browser.get(page)
    sent = {"file-identification": ("ine.png", actors.picture(size=600), "image/png")}
    await browser.send(page, files=sent, kind="identification")
    await browser.get(page)
    assert "1 de 2 documentos listos" in browser.text
    assert re.search(r"ine\.png \(\d+ kB\) Recibido Quitar «ine\.png»", browser.text)
    assert "Cambiar o agregar otro archivo" in browser.text
    await browser.get(f"{draft}/revisar")
    assert re.search(r"Identificación oficial ine\.png \(\d+ kB\) Recibido", browser.text)


@pytest.mark.parametrize("service", ["unemployment", "modality-40"])
async def test_who_would_be_refused_sees_it_before_the_form(app: FastAPI, scene: Scene, service: str) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get(f"/tramites/{service}/quien")
    assert "Con lo que dice hoy el registro, esta solicitud se negaría" in browser.text
    assert "Pedirla de todos modos" in browser.text
    begun = await browser.send(f"/tramites/{service}/quien")
    assert begun.headers["location"].endswith("/paso/1"), "and may ask all the same"


async def test_who_may_have_it_is_shown_nothing_before_the_form(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    for service in ("vigencia", "weeks", "complaint", "clinic-change", "dependant-add"):
        await browser.get(f"/tramites/{service}/quien")
        assert "se negaría" not in browser.text, service


async def test_each_of_a_family_is_shown_it_beside_their_name(app: FastAPI, scene: Scene) -> None:
    who = await steps.create_person(scene, given_names="Leo", nss=False)
    async with scene.db.transaction() as session:
        await places.depend(session, scene.ana, await steps.person(scene, who))
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get("/tramites/nss-find/quien")
    assert browser.text.count("Hoy se negaría: No hay un número de seguridad social a su nombre en el registro.") == 1
