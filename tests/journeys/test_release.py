"""A draw in browsers: a supervisor chooses it after a preview; a person registers from the page of days, is drawn, and
anyone can see why."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, BrowserContext
from sqlalchemy import text

from app.appointments.service import draw_registrations, draws, wait_offers
from app.kernel import clock
from app.kernel.actor import Role
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.appointments.releasing import HALVES, open_draw, opened
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import look
from tests.journeys.steps import hire, text_of


async def prepared(world: World) -> tuple[Unit, Person, str]:
    """At a clinic where it is noon: a schedule in waves, and a draw of four seats that closes soon."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    async with world.transaction() as session:
        unit = await factories.unit(session, timezone=zone, name="UMF 12 Sorteos")
        ana = await factories.person(session, unit)
        day = clock.today(unit.timezone) + timedelta(days=6)
        await factories.room_of(session, unit, 2)
        await opened(session, unit, HALVES, horizon_days=12, slot_minutes=90)
        draw = await open_draw(session, unit, day)
        for _ in range(6):
            who = await factories.person(session, unit)
            await draw_registrations.register(session, factories.citizen(who), draw.id, who.id)
    return unit, ana, str(draw.id)


async def test_a_draw_from_its_schedule_to_its_proof(screen: BrowserContext, chromium: Browser, world: World) -> None:
    unit, ana, draw_id = await prepared(world)
    await world.come_in(screen, ana)
    page = await screen.new_page()
    await page.goto("/citas/quien")
    await page.goto("/citas/motivo")
    await page.check("input[value=family-medicine]")
    await press(page.get_by_role("button", name="Continuar"))
    if page.url.endswith("/citas/clinica"):
        await press(page.get_by_role("button", name="Continuar"))
    assert "Días que se sortean" in await text_of(page)
    await look(page, "release-days")
    await page.goto(f"/citas/sorteos/{draw_id}")
    await look(page, "draw-register")
    await press(page.get_by_role("button", name="Registrarme en el sorteo"))
    assert "7 personas registradas" in await text_of(page)
    await look(page, "draw-registration")
    registration = page.url
    async with world.transaction() as session:
        # The moment of closing comes: a trigger keeps what was published, so it is turned off for a moment.
        closes = text("UPDATE draw SET closes_at = now() - interval '1 second' WHERE id = :id")
        await session.execute(text("ALTER TABLE draw DISABLE TRIGGER draw_is_as_published"))
        await session.execute(closes, {"id": draw_id})
        await session.execute(text("ALTER TABLE draw ENABLE TRIGGER draw_is_as_published"))
    async with world.transaction() as session:
        await draws.work_draws(session, unit.id)
        await wait_offers.look(session, unit.id)
    await page.goto(registration)
    assert "Con registro" not in await text_of(page)
    await look(page, "draw-drawn")
    await page.goto("/mi/avisos")
    await look(page, "draw-mine")
    await page.goto(f"/sorteos/{draw_id}")
    assert "El orden en que salieron" in await text_of(page)
    await look(page, "draw-proof")
    await page.goto("/reparto")
    await look(page, "release-rules")
    desk = await chromium.new_context(base_url=world.portal.address, locale="es-MX")
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk, staff_id=await hire(world, Role.SUPERVISOR))
    boss = await desk.new_page()
    await boss.goto(f"/ventanilla/jefatura/agendas/nueva?unidad={unit.id}")
    await boss.fill("#room", "2")
    await boss.check("input[value=draw]")
    await boss.locator("#draw").evaluate("one => one.open = true")
    await boss.locator("#waves").evaluate("one => one.open = true")
    await look(boss, "release-editor")
    await press(boss.get_by_role("button", name="Ver qué cambia"))
    assert "Qué sale cuándo" in await text_of(boss)
    await look(boss, "release-preview")
    await boss.goto(f"/ventanilla/jefatura/reparto?unidad={unit.id}")
    await look(boss, "release-fairness")
    await desk.close()
