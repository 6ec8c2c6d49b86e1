"""From the request to the paper over HTTP: what a decision really keeps is what the templates print."""

from datetime import date
from typing import Any

import httpx
import pytest

from app.kernel import clock
from app.kernel.actor import Role
from app.places.models import Unit
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person, SickLeave
from tests.appointments import factories as people
from tests.certificates.pdf_reader import PdfDocument
from tests.certificates.validation import validated
from tests.conftest import Database
from tests.requests import actors


async def document_text(citizen: actors.Citizen, folio: str, language: str = "es") -> str:
    path = f"/api/v1/requests/{folio}/certificate?language={language}"
    answer = await citizen.client.get(path, headers=citizen.headers)
    assert answer.status_code == 200, answer.text
    assert validated(answer.content).bottom_line
    return PdfDocument(answer.content).text()


async def worker(db: Database) -> Person:
    """Someone who works since 2020, with a child and a maternity leave."""
    async with db.transaction() as session:
        unit = await people.unit(session, name="UMF 27 Ahuehuete")
        ana = await actors.person(session, unit)
        child = await actors.person(session, unit, birth_on=date(2015, 1, 2), insured=False, nss=False)
        child.given_names, child.first_surname = "Íñigo", "Güemes"
        await people.depend(session, ana, child)
        session.add(
            SickLeave(
                person_id=ana.id,
                folio="IT123456",
                kind="maternity",
                starts_on=date(2024, 3, 4),
                days=84,
                daily_wage=500,
            )
        )
    return ana


@pytest.mark.parametrize(
    ("service", "answers", "says"),
    [
        ("nss-find", {}, ["Constancia de número de seguridad social", "de esta persona es: {nss}"]),
        ("vigencia", {}, ["tiene vigente su derecho", "conserva 8 semanas más", "Íñigo Güemes Peña Hija o hijo 3 mar"]),
        ("weeks", {"by_employer": True}, ["semanas cotizadas", "Registro patronal", "A1 1 ene 2020 Vigente"]),
        ("weeks", {}, ["Periodos de cotización Primer día", "1 ene 2020 Vigente"]),
        ("sick-leave", {}, ["IT123456 Maternidad 4 mar 2024 84", "Total pagado (pesos) : $42,000.00"]),
    ],
)
async def test_what_the_rules_answer_at_once(
    client: httpx.AsyncClient, db: Database, service: str, answers: dict[str, Any], says: list[str]
) -> None:
    ana = await worker(db)
    citizen = actors.Citizen(client, ana.id)
    done = await citizen.submit_request(service, **answers)
    assert (done["outcome"], done["certificate"]) == ("approved", True)
    text = await document_text(citizen, done["folio"])
    common = [f"Nombre : {ana.full_name}", f"CURP : {ana.curp}", "UMF 27 Ahuehuete", done["folio"]]
    assert [piece for piece in [*common, *says] if piece.format(nss=ana.nss) not in text] == [], text
    assert done["folio"] in await document_text(citizen, done["folio"], "en")


async def test_who_is_not_insured(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        eva = await actors.person(session, None, insured=False, nss=False)
    citizen = actors.Citizen(client, eva.id)
    done = await citizen.submit_request("not-insured")
    text = await document_text(citizen, done["folio"])
    assert "no consta ninguna afiliación vigente" in text
    assert [word for word in ("Unidad :", "Número de seguridad social :") if word in text] == []


async def test_what_an_officer_decides(client: httpx.AsyncClient, db: Database) -> None:
    ana = await worker(db)
    citizen = actors.Citizen(client, ana.id)
    async with db.transaction() as session:
        unit = await session.get_one(Unit, ana.unit_id)
    officer = await actors.hire(db, client, Role.OFFICER, unit)
    folio = (await citizen.submit_request("complaint", about="complaint", story="Esperé tres horas."))["folio"]
    early = await client.get(f"/api/v1/requests/{folio}/certificate", headers=citizen.headers)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/no-certificate")
    await officer.claim(folio)
    assert (await officer.decide(folio, "approve", "action-taken")).json()["outcome"] == "approved"
    text = await document_text(citizen, folio)
    assert "Resolución de un trámite" in text
    assert "Motivos • Se tomaron medidas." in text
    assert f"Fecha de expedición : {clock.today(DEFAULT_ZONE).day} de" in text
    assert "Reasons • Measures were taken." in await document_text(citizen, folio, "en")
