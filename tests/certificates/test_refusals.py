"""The resolution of a refusal: signed, with its reasons and the last day of each means, and annulled when replaced."""

import re
from datetime import date
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from app.kernel.actor import Role
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories as people
from tests.certificates.pdf_reader import PdfDocument
from tests.certificates.validation import validated
from tests.conftest import Database
from tests.requests import actors, steps
from tests.web.browser import signed_in_browser

APRIL_20 = date(2027, 4, 20)
FOLIO, CODE = re.compile(r"Folio : (K-[0-9A-Z-]+)"), re.compile(r"Código : ([0-9A-Z]{5}-[0-9A-Z]{5})")


class Office:
    """A unit with an officer and a supervisor, someone who works and someone of seventy."""

    def __init__(self, db: Database, client: httpx.AsyncClient, unit: Unit, ana: Person, old: Person) -> None:
        self.db, self.client, self.unit = db, client, unit
        self.ana, self.old = actors.Citizen(client, ana.id), actors.Citizen(client, old.id)

    async def hire(self, role: Role = Role.OFFICER) -> actors.Officer:
        return await actors.hire(self.db, self.client, role, self.unit)

    async def document_pdf(self, who: actors.Citizen, folio: str, language: str = "es") -> str:
        path = f"/api/v1/requests/{folio}/certificate?language={language}"
        answer = await self.client.get(path, headers=who.headers)
        assert answer.status_code == 200, answer.text
        assert validated(answer.content).bottom_line
        return PdfDocument(answer.content).text()

    async def verify(self, text: str) -> dict[str, Any]:
        folio, code = FOLIO.search(text), CODE.search(text)
        assert folio, text
        assert code, text
        found = await self.client.post("/api/v1/certificates/verify", json={"folio": folio[1], "code": code[1]})
        assert found.status_code == 200, found.text
        shown: dict[str, Any] = found.json()
        return shown


@pytest.fixture
async def office(db: Database, client: httpx.AsyncClient) -> Office:
    async with db.transaction() as session:
        unit = await people.unit(session, name="UMF 27 Ahuehuete")
        ana = await actors.person(session, unit)
        old = await actors.person(session, unit, birth_on=date(1957, 3, 4), insured=False)
        await people.affiliate(session, old, starts_on=date(2015, 1, 5), ends_on=date(2026, 9, 30), employer="E1")
    return Office(db, client, unit, ana, old)


async def test_what_rules_refuse_at_once_is_a_signed_document(office: Office) -> None:
    with time_machine.travel(steps.noon(APRIL_20)):
        done = await office.ana.submit_request(
            "unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True
        )
        assert (done["outcome"], done["refusal"]["document"]) == ("refused", True)
        spanish, english = [await office.document_pdf(office.ana, done["folio"], one) for one in ("es", "en")]
    assert "Resolución de negativa" in spanish
    assert "Hoy está dado de alta por un patrón" in spanish
    assert "Ley del Seguro Social, art. 191, fracción II" in spanish
    assert "Se le notificó el 20 de abril de 2027, y la notificación surte efectos el 21 de abril de 2027" in spanish
    assert "Revisión interna: hasta el 13 de mayo de 2027" in spanish
    assert "Recurso de inconformidad: hasta el 13 de mayo de 2027" in spanish
    assert "Demanda ante el tribunal laboral: hasta el 20 de abril de 2028" in spanish
    assert "Claim before the labour court: until April 20, 2028" in english
    assert spanish.count("El plazo es nuestra lectura de la ley: no espere al último día.") == 1, "the court's"
    assert english.count("The term is our reading of the law") == 1
    assert "se confirmó" not in spanish
    shown = await office.verify(spanish)
    assert (shown["status"], shown["template"], shown["annulled_at"]) == ("valid", "refusal", None)
    facts = {one["label"]: one["value"] for one in shown["facts"]}
    assert (facts["Resolución"], facts["Notificada el"]) == ("Negada", "20 de abril de 2027")
    assert facts["Recurso de inconformidad"] == "hasta el 13 de mayo de 2027"


async def test_an_officers_refusal_has_their_words_and_a_page_downloads_it(office: Office) -> None:
    folio = (await office.ana.submit_request("data-correct", **actors.NAME))["folio"]
    officer = await office.hire()
    await officer.claim(folio)
    await officer.decide(folio, "refuse", "documents-disagree", message="El acta dice «Muñiz».")
    text = await office.document_pdf(office.ana, folio)
    assert "Los documentos dicen otra cosa (Ley del Seguro Social, art. 8, y su reglamento" in text
    assert "El acta dice «Muñiz»." in text
    assert (await office.ana.get(folio))["refusal"]["notified_on"] is not None, "who gets the paper is notified"


async def test_many_at_once_have_a_document_each(office: Office) -> None:
    folios = [
        (await office.ana.submit_request("complaint", about="complaint", story=story))["folio"]
        for story in ("Esperé tres horas.", "No había medicinas.")
    ]
    officer = await office.hire(Role.SUPERVISOR)
    body = {"action": "refuse", "reasons": ["not-ours"], "message": "No es nuestro.", "folios": folios, "preview": True}
    assert (await officer.post("bulk", body)).status_code == 200
    removed = await office.client.get(f"/api/v1/requests/{folios[0]}/certificate", headers=office.ana.headers)
    assert removed.json()["type"] == "/problems/no-certificate", "a preview leaves nothing behind"
    assert (await officer.post("bulk", body | {"preview": False})).status_code == 200
    for folio in folios:
        text = await office.document_pdf(office.ana, folio)
        assert "No corresponde a esta institución (" in text
        assert "No es nuestro." in text
        assert "Respuesta por escrito" in text, "a complaint is answered"
        assert "negativa" not in text.lower()
        shown = await office.verify(text)
        assert (shown["template"], shown["title"]) == ("answer", "Respuesta por escrito")
        assert "Negada" not in str(shown["facts"])


async def test_a_refused_pension_gives_the_document_that_the_fund_asks_for(office: Office) -> None:
    """614 weeks of 875 or more: with it the balance of the account can be withdrawn (LSS arts. 154 and 162)."""
    folio = (await office.old.submit_request("pension", **steps.PENSION))["folio"]
    officer, boss = await office.hire(), await office.hire(Role.SUPERVISOR)
    await officer.claim(folio)
    await officer.decide(folio, "refuse", "not-enough-weeks", message="Faltan.")
    early = await office.client.get(f"/api/v1/requests/{folio}/certificate", headers=office.old.headers)
    assert early.json()["type"] == "/problems/no-certificate", "a proposal is no decision"
    await boss.claim(folio)
    await boss.decide(folio, "confirm", "not-enough-weeks", message="No se reúnen las semanas.")
    seen = await office.old.get(folio)
    assert "retirar en una sola exhibición el saldo de su cuenta de AFORE" in seen["refusal"]["text"]
    assert "750 semanas" in seen["refusal"]["text"]
    text = await office.document_pdf(office.old, folio)
    assert "Resolución de negativa de pensión" in text
    assert "Semanas cotizadas que se reconocen : 612" in text
    assert "Faltan semanas cotizadas (Ley del Seguro Social, arts. 154 y 162)." in text
    assert "Tiene 612 semanas; se piden" in text, "what the registry says, beside the officer's reason"
    assert "retirar en una sola exhibición" in text
    assert "No se reúnen las semanas." in text
    assert "Faltan.\n" not in text
    assert (await office.verify(text))["title"] == "Resolución de negativa de pensión"


async def test_a_pension_that_rules_refuse_gives_it_too(office: Office) -> None:
    done = await office.ana.submit_request("pension", **steps.PENSION)
    assert done["outcome"] == "refused"
    text = await office.document_pdf(office.ana, done["folio"])
    assert "Resolución de negativa de pensión" in text
    assert "para esta pensión se piden 65" in text


async def test_what_the_review_grants_annuls_it_visibly(office: Office, app: FastAPI, db: Database) -> None:
    folio = (await office.ana.submit_request("complaint", about="complaint", story="Esperé tres horas."))["folio"]
    officer, boss = await office.hire(), await office.hire(Role.SUPERVISOR)
    await officer.claim(folio)
    await officer.decide(folio, "refuse", "not-ours")
    refused = await office.document_pdf(office.ana, folio)
    await office.ana.post(folio, "appeal", body="Sí es suyo.")
    assert await office.document_pdf(office.ana, folio) == refused, "it can be had while it is reviewed"
    assert (await office.verify(refused))["status"] == "valid"
    await boss.claim(folio)
    assert (await boss.decide(folio, "approve", "answered", message="Con gusto.")).json()["outcome"] == "approved"
    shown = await office.verify(refused)
    assert (shown["status"], shown["annulled_at"] is not None) == ("annulled", True)
    granted = await office.document_pdf(office.ana, folio)
    assert "Resolución de un trámite" in granted
    assert (await office.verify(granted))["status"] == "valid"
    anyone = await signed_in_browser(app, db, person_id=office.old.person_id)
    number, code = FOLIO.search(refused), CODE.search(refused)
    assert number
    assert code
    await anyone.get("/verificar")
    await anyone.send("/verificar", folio=number[1], code=code[1])
    assert "Auténtico, pero quedó sin efecto" in anyone.text
    assert "Sin efecto desde el" in anyone.text


async def test_what_the_review_confirms_is_said_by_a_document_of_its_own(
    office: Office, app: FastAPI, db: Database
) -> None:
    """The first document stays valid and, where it is verified, says when it was confirmed."""
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = (await office.ana.submit_request("data-correct", **actors.NAME))["folio"]
        officer, boss = await office.hire(), await office.hire(Role.SUPERVISOR)
        await officer.claim(folio)
        await officer.decide(folio, "refuse", "documents-disagree")
        first = await office.document_pdf(office.ana, folio)
        await office.ana.post(folio, "appeal", body="El acta sí lo dice.")
        assert (await office.ana.get(folio))["refusal"]["confirmed_on"] is None
    with time_machine.travel(steps.noon(date(2027, 4, 26))):
        await boss.claim(folio)
        assert (await boss.decide(folio, "refuse", "documents-disagree")).json()["outcome"] == "refused"
        second = await office.document_pdf(office.ana, folio)
        assert "La negativa se confirmó en la revisión interna, el 26 de abril de 2027." in second
        assert "Se le notificó el 20 de abril de 2027" in second, "no term begins again"
        assert "Revisión interna: hasta" not in second
        english = await office.document_pdf(office.ana, folio, "en")
        assert "confirmed in the internal review, on April 26, 2027" in english
        assert await office.document_pdf(office.ana, folio) == second, "the same ever after"
        seen = (await office.ana.get(folio))["refusal"]
        assert (seen["document"], seen["confirmed_on"]) == (True, "2027-04-26")
        for text in (first, second):
            shown = await office.verify(text)
            assert (shown["status"], shown["confirmed_at"][:10]) == ("valid", "2027-04-26")
        tab = await signed_in_browser(app, db, person_id=office.ana.person_id)
        number, code = FOLIO.search(first), CODE.search(first)
        assert number
        assert code
        await tab.get("/verificar")
        await tab.send("/verificar", folio=number[1], code=code[1])
        assert "Auténtico y vigente" in tab.text
        assert "Confirmada en la revisión interna el lunes 26 de abril" in tab.text


async def test_a_refusal_without_a_review_names_none(office: Office) -> None:
    done = await office.ana.submit_request("not-insured")
    assert done["outcome"] == "refused"
    text = await office.document_pdf(office.ana, done["folio"])
    assert "No hace falta agotar antes el recurso de inconformidad." in text
    assert "revisión interna" not in text.lower()


async def test_a_document_that_staff_print_first_counts_from_its_day_and_notifies_no_one(office: Office) -> None:
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = (await office.ana.submit_request("data-correct", **actors.NAME))["folio"]
        officer = await office.hire()
        await officer.claim(folio)
        await officer.decide(folio, "refuse", "documents-disagree")
        printed = await office.client.get(f"/api/v1/requests/{folio}/certificate", headers=officer.headers)
        assert printed.status_code == 200, printed.text
        text = PdfDocument(printed.content).text()
    assert "Si este documento se le entrega el 20 de abril de 2027" in text
    assert "Recurso de inconformidad: hasta el 13 de mayo de 2027" in text
    case = await office.client.get(f"/api/v1/requests/{folio}", headers=officer.headers)
    assert case.json()["refusal"]["notified_on"] is None


async def test_not_insured_is_good_on_its_day_alone(office: Office) -> None:
    async with office.db.transaction() as session:
        eva = await actors.person(session, None, insured=False, nss=False)
    who = actors.Citizen(office.client, eva.id)
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = (await who.submit_request("not-insured"))["folio"]
        text = await office.document_pdf(who, folio)
        shown = await office.verify(text)
        assert (shown["status"], shown["valid_until"]) == ("valid", "2027-04-20")
    assert "Válida hasta : 20 de abril de 2027" in text
    with time_machine.travel(steps.noon(date(2027, 4, 21))):
        assert (await office.verify(text))["status"] == "expired"
