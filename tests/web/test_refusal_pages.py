"""What pages say of a refusal, beforehand and afterwards: the internal review by its name, and the means of the law."""

from fastapi import FastAPI

from tests.requests import make, steps
from tests.requests.conftest import Scene
from tests.web.surfing import come_in


async def test_a_service_says_beforehand_what_refusal_and_silence_mean(app: FastAPI, scene: Scene) -> None:
    tab = await come_in(app, scene.db, person_id=scene.ana.id)
    await tab.get("/tramites/pension")
    for said in (
        "Revisión interna",
        "No es el recurso de inconformidad ni detiene su plazo",
        "Consejo Consultivo Delegacional",
        "Demanda ante el tribunal laboral",
        "retirar en una sola exhibición el saldo de su cuenta de AFORE",
        "Si en tres meses no le contestamos",
        "Es nuestra lectura de la ley.",
        "tiene 10 días hábiles para contestar",
        "la solicitud se desecha sin decidirse",
    ):
        assert said in tab.text, said
    await tab.get("/en/tramites/unemployment")
    assert "If we do not answer within three months" in tab.text
    await tab.get("/tramites/complaint")
    assert "por confirmarse" in tab.text, "its term is doubtful"
    assert [word for word in ("Recurso de inconformidad", "tribunal laboral", "tres meses") if word in tab.text] == []
    await tab.get("/tramites/weeks")
    assert "Si en tres meses" not in tab.text, "it is answered at once"


async def test_a_refused_request_names_each_means_and_gives_its_document(app: FastAPI, scene: Scene) -> None:
    done = await scene.citizen.hand_in("unemployment", afore="AFORE Uno", clabe=make.CLABE, understands_weeks=True)
    tab = await come_in(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{done['folio']}")
    for said in ("Vio la negativa el", "Revisión interna", "Recurso de inconformidad", "tribunal laboral", "art. 295"):
        assert said in tab.text, said
    assert "Descargar la resolución de negativa (PDF)" in tab.text
    assert "otra revisión" not in tab.text
    await tab.get(f"/tramites/{done['folio']}/revision")
    assert "no es el recurso de inconformidad ni una demanda" in tab.text
    paper = await tab.get(f"/tramites/{done['folio']}/constancia")
    assert paper.headers["content-type"] == "application/pdf"


async def test_while_it_is_reviewed_the_page_says_what_silence_means(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.hand_in("data-correct", **make.sex()))["folio"]
    tab = await come_in(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{folio}")
    assert "Si en tres meses no le contestamos" in tab.text
    await tab.get(f"/tramites/{await steps.complain(scene)}")
    assert "Si en tres meses" not in tab.text
