"""From the links of a reminder, without signing in or JavaScript: confirm, move, cancel; and what one prefers."""

from datetime import timedelta

from playwright.async_api import BrowserContext
from sqlalchemy import text

from app.appointments.queries.availability import Own, free_times
from app.kernel import clock, ids
from app.notifications.models import Message, Reminder
from app.notifications.reminder_tokens import Purpose, sign_link
from app.registry.models import Person
from tests.appointments import factories
from tests.journeys.conftest import World, press
from tests.journeys.inspection import inspect_at_each_width, look
from tests.notifications.factories import add_account

CONTACTS = {"email": "ana@ejemplo.mx", "sms": "+525512345678"}


async def reminded(world: World) -> tuple[dict[Purpose, str], Person]:
    """Someone with an appointment in some days, of which a mail and a text message reminded them: their links."""
    async with world.transaction() as session:
        ana = await factories.person(session, world.unit, room=2)
        day = clock.today(world.unit.timezone) + timedelta(days=4)
        times = await free_times(
            session, world.unit.id, "family-medicine", day, own=Own(2, "M", ana.id), last=day, earliest=clock.now()
        )
        start = times[0]
        made = await factories.booked(session, ana, factories.place(world.unit, start.start_at, room=start.room))
        row = (await session.execute(text("SELECT id FROM appointment WHERE folio = :f"), {"f": made.folio})).one()
        reminder = Reminder(
            id=ids.new_id(),
            unit_id=world.unit.id,
            appointment_id=row.id,
            start_at=start.start_at,
            moment="days-3",
            status="composed",
            created_at=clock.now(),
        )
        add_account(session, ana, email=CONTACTS["email"], phone=CONTACTS["sms"])
        messages = [
            Message(
                id=ids.new_id(),
                event_id=reminder.id,
                kind="appointment.reminder",
                subject_id=row.id,
                person_id=ana.id,
                channel=channel,
                recipient=address,
                language="es",
                subject="Recordatorio",
                status="sent",
                created_at=clock.now(),
            )
            for channel, address in CONTACTS.items()
        ]
        session.add_all([reminder, *messages])
    mail, sms = messages
    sent = {purpose: sms if purpose is Purpose.ANSWER else mail for purpose in Purpose}
    return {purpose: f"/r/{sign_link(purpose, one.id)}" for purpose, one in sent.items()}, ana


async def test_from_the_links_of_a_reminder(phone: BrowserContext, screen: BrowserContext, world: World) -> None:
    paths, _ana = await reminded(world)
    large = await screen.new_page()
    for purpose, path in paths.items():
        await large.goto(path)
        await inspect_at_each_width(large)
        await look(large, f"reminder-{purpose.name.lower()}", 360, 1366)
    page = await phone.new_page()
    await page.goto(paths[Purpose.ANSWER])
    await press(page.get_by_role("button", name="Sí voy"))
    assert await page.locator("h1").inner_text() == "Confirmó su cita"
    await press(page.get_by_role("link", name="Quiero otro horario"))
    await page.get_by_role("radio").first.check()
    await press(page.get_by_role("button", name="Mover a este horario"))
    assert await page.locator("h1").inner_text() == "Movió la cita"
    await large.goto(page.url)
    await inspect_at_each_width(large)
    await look(large, "reminder-moved-here", 360, 1366)
    await large.goto(paths[Purpose.CANCEL])
    await inspect_at_each_width(large)
    await look(large, "reminder-moved", 360, 1366)


async def test_who_cannot_go_frees_the_seat(phone: BrowserContext, screen: BrowserContext, world: World) -> None:
    paths, ana = await reminded(world)
    page = await phone.new_page()
    await page.goto(paths[Purpose.ANSWER])
    await press(page.get_by_role("link", name="No puedo ir"))
    await press(page.get_by_role("button", name="No puedo ir: cancelar la cita"))
    assert await page.locator("h1").inner_text() == "Canceló la cita"
    async with world.transaction() as session:
        status = await session.scalar(text("SELECT status FROM appointment WHERE person_id = :who"), {"who": ana.id})
    assert status == "cancelled"
    large = await screen.new_page()
    for path in (paths[Purpose.CANCEL], f"/en/r/{'A' * 36}"):
        await large.goto(path)
        await inspect_at_each_width(large)
    await look(large, "reminder-unknown", 360)


async def test_preferences(phone: BrowserContext, screen: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    await page.goto("/mi")
    await press(page.get_by_role("link", name="Recordatorios de mis citas"))
    await page.get_by_label("3 horas antes").check()
    await press(page.get_by_role("button", name="Guardar"))
    assert "Guardado." in await page.locator("main").inner_text()
    assert await page.get_by_label("3 horas antes").is_checked()
    await world.come_in(screen)
    large = await screen.new_page()
    await large.goto("/mi/recordatorios")
    await inspect_at_each_width(large)
    await look(large, "reminder-preferences", 360, 1366)
