"""Who helped a person with a request answers no message of theirs about it, whatever kind of open work it is."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel.actor import Role
from app.requests.rules.kinds import WorkItemKind
from tests.desk.clerks import Clerk
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import slug
from tests.web.browser import signed_in_browser


async def decided_with_a_message(scene: Scene, clerk: Clerk) -> str:
    """A request that another officer decided, and about which the clerk wrote for the person."""
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    other = await steps.hire(scene, Role.OFFICER)
    await other.claim(folio)
    assert (await other.decide(folio, "approve", "answered", message="Ya.")).status_code == 200
    await clerk.by_document()
    sent = await clerk.send("POST", f"requests/{folio}/messages", {"body": "No entiendo."})
    assert sent.status_code == 204, sent.text
    clerk.assistance = ""
    return folio


def test_every_kind_of_open_work_is_covered_here() -> None:
    """Decisions are in test_assistances, messages below."""
    assert {one.value for one in WorkItemKind} == {"decision", "message"}


async def test_who_wrote_for_the_person_cannot_have_or_answer_the_message(scene: Scene) -> None:
    clerk = Clerk(scene, scene.officer)
    folio = await decided_with_a_message(scene, clerk)
    for path, body in (
        (f"work/{folio}/claim", None),
        (f"requests/{folio}/messages", {"body": "Se lo explico."}),
        (f"work/{folio}/resolve-message", None),
    ):
        refused = await clerk.send("POST", path, body)
        assert slug(refused) == (403, "reviewer-excluded"), path
    assert slug(await clerk.send("POST", "work/claim", {})) == (409, "queue-empty")
    note = await clerk.send("POST", f"requests/{folio}/messages", {"body": "Vino a ventanilla.", "note": True})
    assert note.status_code == 204
    given = await (await scene.supervisor()).post(f"{folio}/assign", {"staff_id": str(clerk.by.staff_id)})
    assert slug(given) == (403, "reviewer-excluded")


async def test_who_has_the_message_cannot_write_for_the_person(scene: Scene) -> None:
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    other = await steps.hire(scene, Role.OFFICER)
    await other.claim(folio)
    assert (await other.decide(folio, "approve", "answered", message="Ya.")).status_code == 200
    assert (await scene.citizen.post(folio, "messages", body="No entiendo.")).status_code == 204
    clerk = Clerk(scene, scene.officer)
    assert (await clerk.send("POST", f"work/{folio}/claim")).status_code == 200
    await clerk.by_document()
    sent = await clerk.send("POST", f"requests/{folio}/messages", {"body": "¿Ya?"})
    assert slug(sent) == (403, "helper-is-officer")


async def test_the_page_says_at_once_who_decides_and_answers(app: FastAPI, scene: Scene) -> None:
    clerk = Clerk(scene, scene.officer)
    folio = await decided_with_a_message(scene, clerk)
    tab = await signed_in_browser(app, scene.db, staff_id=clerk.by.staff_id)
    await tab.get(f"/ventanilla/solicitudes/{folio}")
    assert "Usted ayudó a la persona con esta solicitud" in tab.text
    assert "Ya participé" in tab.text
    for absent in ("Libre", "Tomarla", "Enviar a la persona", "No hace falta contestar"):
        assert absent not in tab.text, absent


async def test_a_decision_is_refused_before_it_is_previewed(app: FastAPI, scene: Scene) -> None:
    clerk = Clerk(scene, scene.officer)
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    assert (await clerk.send("POST", f"work/{folio}/claim")).status_code == 200
    tab = await signed_in_browser(app, scene.db, staff_id=clerk.by.staff_id)
    page = f"/ventanilla/solicitudes/{folio}"
    await tab.get(page)
    await steps.change_item(scene, folio, holder_id=None, lease_until=None)
    await clerk.by_document()
    sent = await clerk.send("POST", f"requests/{folio}/messages", {"body": "¿Ya?"})
    assert sent.status_code == 204
    await tab.send(f"{page}/decidir", action="approve", reasons="answered", message="Ya lo vimos.")
    assert "Usted ayudó a la persona con esta solicitud" in tab.text
    assert "Tomarla" not in tab.text


async def test_the_person_s_page_has_no_form_for_who_decided_or_has_it(app: FastAPI, scene: Scene) -> None:
    clerk = Clerk(scene, scene.officer)
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    await clerk.by_document()
    tab = await signed_in_browser(app, scene.db, staff_id=clerk.by.staff_id)
    page = f"/ventanilla/asistida/{scene.ana.id}/tramites/{folio}"
    says = "Usted atiende esta solicitud: no puede actuar por su titular"
    sends = (f'action="{page}/mensajes"', f'href="{page}/retirar"')
    await tab.get(page)
    assert says not in tab.text
    assert [one in tab.html for one in sends] == [True, True]
    await clerk.by.claim(folio)
    for step in ("claimed", "decided"):
        if step == "decided":
            assert (await clerk.by.decide(folio, "approve", "answered", message="Ya.")).status_code == 200
        await tab.get(page)
        assert says in tab.text, step
        assert "La tiene en su mesa, propuso su negativa o la decidió." in tab.text
        assert [one in tab.html for one in sends] == [False, False], step
        assert (await tab.get(f"{page}/retirar")).headers["location"] == page
    other = await steps.hire(scene, Role.OFFICER)
    helper = Clerk(scene, other)
    await helper.by_document()
    beside = await signed_in_browser(app, scene.db, staff_id=other.staff_id)
    await beside.get(page)
    assert says not in beside.text, "anyone else may help"
    assert sends[0] in beside.html


@pytest.mark.parametrize(
    ("channel", "where"), [("desk", "En ventanilla, con ayuda de"), ("phone", "Por teléfono, con ayuda de")]
)
async def test_the_officer_reads_which_steps_a_helper_did(app: FastAPI, scene: Scene, channel: str, where: str) -> None:
    clerk = Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))
    await clerk.by_document()
    if channel == "phone":
        rang = text("UPDATE assistance SET channel = 'phone', identity = 'questions', document = NULL")
        async with scene.db.transaction() as session:
            await session.execute(rang)
    begun = await clerk.send("POST", "requests", {"service": "complaint", "answers": steps.STORY})
    folio = begun.json()["folio"]
    sent = await clerk.send("POST", f"requests/{folio}/submit")
    assert sent.status_code == 200, sent.text
    written = await clerk.send("POST", f"requests/{folio}/messages", {"body": "Es urgente."})
    assert written.status_code == 204
    assert (await scene.citizen.post(folio, "messages", body="Gracias.")).status_code == 204
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await tab.get(f"/ventanilla/solicitudes/{folio}")
    async with scene.db.transaction() as session:
        name = await session.scalar(text("SELECT full_name FROM staff WHERE id = :id"), {"id": clerk.by.staff_id})
    helped = f" · {where} {name} (Recepción)"
    for step in ("La persona empezó la solicitud", "Recibida", "La persona escribió un mensaje"):
        assert f"{step}{helped}" in tab.text, step
    assert tab.text.count("La persona escribió un mensaje") == 2
    assert tab.text.count(f"La persona escribió un mensaje{helped}") == 1, "the other they wrote themselves"


async def test_who_has_a_message_is_shown_why_and_no_form_of_the_person(app: FastAPI, scene: Scene) -> None:
    """Also who opened the page of the answer before."""
    clerk, other = Clerk(scene, scene.officer), await steps.hire(scene, Role.OFFICER)
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    await other.claim(folio)
    assert (await other.post(f"{folio}/ask", {"body": "¿Cuándo?"})).status_code == 200
    assert (await scene.citizen.post(folio, "messages", body="¿Qué día?")).status_code == 204
    await clerk.by_document()
    tab = await signed_in_browser(app, scene.db, staff_id=clerk.by.staff_id)
    page = f"/ventanilla/asistida/{scene.ana.id}/tramites/{folio}"
    await tab.get(f"{page}/responder")
    assert "¿Cuándo?" in tab.text
    form = tab.form(f"{page}/responder/documentos", message="El lunes.", send="yes")
    clerk.assistance = ""
    assert (await clerk.send("POST", f"work/{folio}/claim")).status_code == 200
    for path in ("responder/documentos", "responder/unidades"):
        refused = await tab.client.post(f"{page}/{path}", data=form)
        assert (refused.status_code, refused.headers.get("location")) == (303, page), (path, refused.text[-1500:])
    assert (await tab.get(f"{page}/responder")).headers["location"] == page
    await tab.get(page)
    assert "Usted atiende esta solicitud: no puede actuar por su titular" in tab.text
    main = tab.html[tab.html.find("<main") : tab.html.find("</main>")]
    assert "/mensajes" not in main
    assert "/responder" not in main
    assert "/retirar" not in main
