"""Who can't go gives their time to who waits: from the link of a reminder to that of an offer, without signing in."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from playwright.async_api import BrowserContext
from sqlalchemy import text

from app.appointments.service import wait_entries
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish
from app.identity.service.staff import add_staff
from app.kernel import clock, ids
from app.kernel.actor import Role, System
from app.notifications.models import Message, Reminder
from app.notifications.offer_links import OFFER_PAGE, sign_offer_link
from app.notifications.reminder_tokens import Purpose, sign_link
from app.registry.models import Person
from tests.appointments import factories
from tests.journeys.conftest import World, press
from tests.journeys.inspection import inspect_at_each_width, look
from tests.notifications.factories import add_account

SECONDS = 60


async def prepared(world: World) -> tuple[str, Person, Person, str, str]:
    """At a clinic where it is noon: Ana with an appointment that she was reminded of, Eva with a later one, who waits.
    Returns Ana's link, Eva, another who may wait, the folio of the latter, and who supervises."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    async with world.transaction() as session:
        unit = await factories.unit(session, timezone=zone, name="UMF 9 Mediodía")
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        times = await factories.seats(session, unit, count=4, start_at=first)
        day = text("UPDATE seat SET on_date = (start_at AT TIME ZONE :zone)::date WHERE unit_id = :unit")
        await session.execute(day, {"zone": zone, "unit": unit.id})
        ana, eva, ivo = [await factories.person(session, unit) for _ in range(3)]
        add_account(session, eva, email="eva@ejemplo.mx")
        folios = [
            (await factories.booked(session, who, factories.place(unit, at))).folio
            for who, at in zip((ana, eva, ivo), times, strict=False)
        ]
        wish = Wish(notice=timedelta(hours=2))
        await wait_entries.add(session, factories.citizen(eva), Asked(eva.id, unit.id, "family-medicine"), wish)
        found = "SELECT id FROM appointment WHERE folio = :folio"
        appointment_id = await session.scalar(text(found), {"folio": folios[0]})
        reminder = Reminder(
            id=ids.new_id(),
            unit_id=unit.id,
            appointment_id=appointment_id,
            start_at=times[0],
            moment="days-3",
            status="composed",
            created_at=clock.now(),
        )
        message = Message(
            id=ids.new_id(),
            event_id=reminder.id,
            kind="appointment.reminder",
            subject_id=appointment_id,
            person_id=ana.id,
            channel="email",
            recipient="ana@ejemplo.mx",
            language="es",
            subject="Recordatorio",
            status="sent",
            created_at=clock.now(),
        )
        add_account(session, ana, email="ana@ejemplo.mx")
        session.add_all([reminder, message])
        boss = await add_staff(
            session,
            System("test"),
            username="jefa-mediodia",
            full_name="Rosa Díaz",
            password="una frase bastante larga",
            role=Role.SUPERVISOR,
            unit_ids=[unit.id],
            totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        )
    return f"/r/{sign_link(Purpose.CANCEL, message.id)}", eva, ivo, folios[2], str(boss.staff_id)


async def link_of_offer(world: World, person: Person) -> str:
    """The path of the link in the message that the worker sent."""
    question = text("SELECT id FROM message WHERE kind = 'wait-offer.made' AND person_id = :who AND status = 'shown'")
    deadline = asyncio.get_running_loop().time() + SECONDS
    while True:
        async with world.transaction() as session:
            message_id = await session.scalar(question, {"who": person.id})
        if message_id is not None:
            return f"{OFFER_PAGE}/{sign_offer_link(message_id)}"
        assert asyncio.get_running_loop().time() < deadline, "no offer was sent"
        await asyncio.sleep(0.3)


async def test_who_cant_go_gives_the_time_to_who_waits(
    phone: BrowserContext, screen: BrowserContext, world: World
) -> None:
    cancel, eva, ivo, folio, boss = await prepared(world)
    page = await phone.new_page()
    await page.goto(cancel)
    await press(page.get_by_role("button", name="No puedo ir: cancelar la cita"))
    assert await page.locator("h1").inner_text() == "Canceló la cita"
    link = await link_of_offer(world, eva)
    large = await screen.new_page()
    await large.goto(link)
    await inspect_at_each_width(large)
    await look(large, "wait-offer", 360, 1366)
    await page.goto(link)
    await press(page.get_by_role("button", name="Aceptar este horario"))
    assert await page.locator("h1").inner_text() == "Aceptó el horario"
    await world.come_in(screen, ivo)
    await large.goto(f"/citas/{folio}")
    await press(large.get_by_role("link", name="Avíseme si se libera un horario antes"))
    await inspect_at_each_width(large)
    await look(large, "wait-ask", 360, 1366)
    await press(large.get_by_role("button", name="Entrar a la lista de espera"))
    await large.wait_for_url("**/citas/avisos/*")
    await inspect_at_each_width(large)
    await look(large, "wait-entry", 360, 1366)
    await large.goto("/mi/avisos")
    await inspect_at_each_width(large)
    await look(large, "wait-list", 360)
    await large.goto("/lista-de-espera")
    await look(large, "wait-rules", 360, 1366)
    await world.come_in(screen, staff_id=UUID(boss))
    await large.goto("/ventanilla/jefatura/lista-de-espera")
    await inspect_at_each_width(large)
    await look(large, "wait-fairness", 360, 1366)
