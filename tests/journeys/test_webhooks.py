"""An administrator subscribes a system and reads what was sent, on a telephone and on a wide screen."""

from playwright.async_api import BrowserContext
from sqlalchemy import text

from app.identity.service.staff import add_staff
from app.kernel import ids
from app.kernel.actor import Role, System
from tests.journeys.conftest import World, press
from tests.journeys.inspection import look

PAGE = "/ventanilla/webhooks"
ATTEMPT = text(
    "INSERT INTO webhook_attempt (id, webhook_id, event_id, type, at, milliseconds, status, reason, answer)"
    " SELECT :id, w.id, :id, 'appointment.booked', now(), 84, CAST(:status AS smallint), :reason, :answer"
    " FROM webhook w"
)
ANSWERS = [(204, None, ""), (500, None, '{"error": "' + "x" * 400 + '"}'), (None, "timeout", "")]


async def test_a_system_is_subscribed(world: World, screen: BrowserContext) -> None:
    async with world.transaction() as session:
        admin = await add_staff(
            session,
            System("test"),
            username="webhooks",
            full_name="Ada Díaz",
            password="una frase bastante larga",
            role=Role.ADMIN,
            unit_ids=None,
        )
    await world.come_in(screen, staff_id=admin.staff_id)
    page = await screen.new_page()
    await page.goto(PAGE)
    await look(page, "webhooks-none")
    await press(page.get_by_role("button", name="Agregar un webhook"))
    await look(page, "webhook-form")
    await press(page.get_by_role("button", name="Guardar y ver el secreto"))
    await look(page, "webhook-form-errors")
    await page.get_by_label("Nombre del sistema").fill("Expediente clínico electrónico")
    await page.get_by_label("Correo de quien lo atiende").fill("soporte@ejemplo.mx")
    await page.get_by_label("Dirección a la que se envía").fill("https://ejemplo.mx/avisos/del-portal/" + "a" * 60)
    for kind in ("appointment.booked", "request.decided", "schedule-exception.created"):
        await page.get_by_label(kind, exact=True).check()
    await press(page.get_by_role("button", name="Guardar y ver el secreto"))
    assert "whsec_" in await page.locator("main").inner_text()
    await look(page, "webhook-secret")
    async with world.transaction() as session:
        for status, reason, answer in ANSWERS:
            given = {"id": ids.new_id(), "status": status, "reason": reason, "answer": answer}
            await session.execute(ATTEMPT, given)
        await session.execute(text("UPDATE webhook SET failing_since = now() - interval '1 day'"))
    await press(page.get_by_role("link", name="Ir al webhook"))
    await look(page, "webhook")
    assert "No respondió a tiempo" in await page.locator("main").inner_text()
    await press(page.get_by_role("button", name="Desactivar"))
    assert "no se le envía nada más" in await page.locator("main").inner_text()
    await page.goto(f"/en{PAGE}")
    await look(page, "webhooks")
