"""Staff see whom no message reaches where they act and on a list, and record whom they notified."""

from typing import Any

from fastapi import FastAPI

from app.identity.models import Account
from app.kernel import clock
from app.kernel.actor import Role
from app.registry.models import Person
from tests.notifications.factories import add_dead_letters
from tests.notifications.mailbox import value, work
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import another_tab, signed_in_browser, twice, unsigned

LIST = "/ventanilla/por-avisar"
NOTIFY = "no tiene correo ni teléfono que sirva"


async def reach(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        ana = await session.get_one(Person, scene.ana.id)
        session.add(
            Account(person_id=ana.id, curp=ana.curp, email="ana@ejemplo.mx", created_at=clock.now(), assurance="full")
        )


async def test_an_officer_is_notified_at_once_and_marks_whom_they_notified(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await scene.officer.claim(folio)
    await browser.get(f"/ventanilla/solicitudes/{folio}")
    assert NOTIFY in browser.text
    await browser.send(
        f"/ventanilla/solicitudes/{folio}/pedir", via=f"/ventanilla/solicitudes/{folio}/decidir", ask="¿Qué día fue?"
    )
    await work(until_messages=0)
    await browser.get("/ventanilla")
    assert "Personas por avisar 1" in browser.text
    await browser.get(LIST)
    assert "Ana" in browser.text
    assert "Para seguir necesitamos algo de usted." in browser.text
    assert "No tiene correo ni teléfono registrados" in browser.text
    late = another_tab(browser)
    await late.get(LIST)
    notice = await value("SELECT id FROM unaddressed_notice")
    form = browser.form(f"{LIST}/{notice}")
    answers = await twice(browser, f"{LIST}/{notice}", form)
    assert [(one.status_code, unsigned(one.headers["location"])) for one in answers] == [
        (303, f"{LIST}?hecho=avisada")
    ] * 2
    again = await late.send(f"{LIST}/{notice}")
    assert unsigned(again.headers["location"]) == f"{LIST}?hecho=avisada&aviso=ya", "by the same person: no alarm"
    assert await value("SELECT count(*) FROM event WHERE type = 'unaddressed-notice.resolved'") == 1
    await browser.get(LIST)
    assert "No hay nadie por avisar." in browser.text


async def test_who_can_be_notified_by_message_is_not_marked(app: FastAPI, scene: Scene) -> None:
    await reach(scene)
    folio = await steps.complain(scene)
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await browser.get(f"/ventanilla/solicitudes/{folio}")
    assert folio in browser.text
    assert NOTIFY not in browser.text


async def test_the_preview_and_the_bulk_decision_say_so(app: FastAPI, scene: Scene) -> None:
    await reach(scene)
    reported, not_notified = await steps.complain(scene), await steps.complain(scene, await steps.create_person(scene))
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await scene.officer.claim(not_notified)
    await browser.get(f"/ventanilla/solicitudes/{not_notified}")
    letter = {"action": "approve", "reasons": "answered", "message": "Ya está."}
    await browser.send(f"/ventanilla/solicitudes/{not_notified}/decidir", **letter)
    assert "Esto leerá la persona" in browser.text
    assert NOTIFY in browser.text
    await browser.get("/ventanilla/cola")
    both: dict[str, Any] = {
        "folio": [reported, not_notified],
        "asked": "yes",
        "reason": "answered",
        "message": "Ya está.",
    }
    await browser.send("/ventanilla/cola/varias", **both)
    assert browser.text.count("Avísele usted") == 2  # beside the folio, and for how many
    del both["folio"]
    await browser.send("/ventanilla/cola/varias/decidir", via="/ventanilla/cola/varias", **both)
    assert "Decididas" in browser.text
    assert browser.text.count("Avísele usted") == 2


async def test_roles_see_what_is_theirs(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "approve", "answered")
    await work(until_messages=0)
    for role, status, shown in (
        (Role.RECEPTIONIST, 200, False),
        (Role.SUPERVISOR, 200, True),
        (Role.ANALYST, 403, False),
    ):
        browser = await signed_in_browser(app, scene.db, staff_id=(await steps.hire(scene, role)).staff_id)
        answer = await browser.get(LIST)
        assert (answer.status_code, folio in browser.text) == (status, shown), role


async def test_an_administrator_retries_and_dismisses_messages_by_the_group(app: FastAPI, scene: Scene) -> None:
    admin = await steps.hire(scene, Role.ADMIN)
    browser = await signed_in_browser(app, scene.db, staff_id=admin.staff_id)
    await add_dead_letters(3)
    await browser.get("/ventanilla/avisos")
    assert "Cita reservada · correo · SMTPConnectError 3 mensajes." in browser.text
    late = another_tab(browser)
    await late.get("/ventanilla/avisos")
    await add_dead_letters(2)
    form = browser.form("/ventanilla/avisos/grupo", action="retry")
    answers = await twice(browser, "/ventanilla/avisos/grupo", form)
    assert [(one.status_code, unsigned(one.headers["location"])) for one in answers] == [
        (303, "/ventanilla/avisos?hecho=reintento")
    ] * 2
    assert await value("SELECT count(*) FROM message WHERE status = 'pending'") == 3
    answer = await late.send("/ventanilla/avisos/grupo", action="resolve")
    assert unsigned(answer.headers["location"]) == "/ventanilla/avisos?aviso=cambio"
    await browser.get("/ventanilla/avisos")
    await browser.send("/ventanilla/avisos/grupo", action="resolve")
    assert await value("SELECT count(*) FROM message WHERE status = 'resolved'") == 2


async def test_a_message_that_stopped_later_is_not_in_what_was_shown(app: FastAPI, scene: Scene) -> None:
    admin = await steps.hire(scene, Role.ADMIN)
    browser = await signed_in_browser(app, scene.db, staff_id=admin.staff_id)
    await add_dead_letters(3)
    one = "(SELECT id FROM message ORDER BY id LIMIT 1)"
    await steps.run(scene, f"UPDATE message SET status = 'pending' WHERE id = {one}")
    await browser.get("/ventanilla/avisos")
    await steps.run(scene, "UPDATE message SET status = 'dead-letter'")
    answer = await browser.send("/ventanilla/avisos/grupo", action="resolve")
    assert unsigned(answer.headers["location"]) == "/ventanilla/avisos?aviso=cambio"
    assert await value("SELECT count(*) FROM message WHERE status = 'dead-letter'") == 3


async def test_a_code_is_only_dismissed(app: FastAPI, scene: Scene) -> None:
    admin = await steps.hire(scene, Role.ADMIN)
    browser = await signed_in_browser(app, scene.db, staff_id=admin.staff_id)
    await add_dead_letters(1, kind="code.requested")
    await browser.get("/ventanilla/avisos")
    assert "Reintentar" not in browser.text
    answer = await browser.send("/ventanilla/avisos/grupo", action="retry")
    assert answer.status_code == 409
    for wrong in ("", "x", "²", "9" * 40):
        answer = await browser.send("/ventanilla/avisos/grupo", action="resolve", last=wrong)
        assert unsigned(answer.headers["location"]) == "/ventanilla/avisos?aviso=cambio"
    assert await value("SELECT status FROM message") == "dead-letter"
