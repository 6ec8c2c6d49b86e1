"""An administrator changes a text, looks at it, sends a test, and the next message has it: without JavaScript."""

from playwright.async_api import BrowserContext, expect

from app.identity.service.staff import add_staff
from app.kernel import clock, ids
from app.kernel.actor import Role, System
from app.notifications import service
from app.notifications.models import Message
from app.notifications.templates import store
from app.notifications.templates.defaults import templates
from tests.journeys.conftest import World
from tests.journeys.inspection import look

PAGE = "/ventanilla/textos/appointment.booked"
PATIENCE = 30_000


async def test_a_text_is_changed_previewed_tested_and_sent(
    phone: BrowserContext, screen: BrowserContext, world: World
) -> None:
    async with world.transaction() as session:
        admin = await add_staff(
            session, System("test"), username="textos", full_name="Tere Textos", password="una frase bastante larga",
            role=Role.ADMIN, unit_ids=None,
        )  # fmt: skip
    await world.come_in(phone, staff_id=admin.staff_id)
    await world.come_in(screen, staff_id=admin.staff_id)
    large = await screen.new_page()
    for path, name in (("/ventanilla/textos", "textos"), (PAGE, "texto")):
        await large.goto(path)
        await look(large, name)
    page = await phone.new_page()
    await page.goto(PAGE)
    await page.fill("#subject_es", "Nos vemos el {dia}: ¡qué bien!")
    await page.click("text=Ver cómo queda")
    await expect(page.locator("#asi-queda + p + details")).to_contain_text("Nos vemos el miércoles")
    await page.fill("#to", "textos@ejemplo.mx")
    await page.click("text=Enviar la prueba")
    await expect(page.locator("[role=status]")).to_contain_text("Se envió una prueba")
    await page.click("text=Guardar y usar este texto")
    await expect(page.locator("main [role=alert]")).to_contain_text("Se guardó el texto")
    await large.goto(f"{PAGE}/versiones")
    await look(large, "texto-versiones")
    await page.wait_for_timeout((store.SECONDS + 1) * 1000)  # until every process has read it
    await queue_confirmation(world)
    for subject in ("Prueba: Nos vemos el miércoles", "Nos vemos el jueves: ¡qué bien!"):
        await arrives(phone, subject)


async def queue_confirmation(world: World) -> None:
    """A confirmation with the old text, composed before the change."""
    template = templates()["appointment.booked"]
    async with world.transaction() as session:
        message = Message(
            id=ids.new_id(), event_id=ids.new_id(), kind="appointment.booked", subject_id=world.luz.id,
            person_id=world.luz.id, channel="email", recipient="luz@ejemplo.mx", language="es",
            subject="Cita confirmada", body="La de antes", created_at=clock.now(), template=template.id,
            data=template.values("es", template.cases[0]) | {"dia": "jueves"},
        )  # fmt: skip
        session.add(message)
        await session.flush()
        await service.enqueue_message(session, message)


async def arrives(context: BrowserContext, subject: str) -> None:
    page = await context.new_page()
    for _ in range(60):
        await page.goto("/desarrollo/correo")
        if subject in await page.content():
            break
        await page.wait_for_timeout(500)
    await expect(page.locator("h2", has_text=subject).first).to_be_visible(timeout=PATIENCE)
    await page.close()
