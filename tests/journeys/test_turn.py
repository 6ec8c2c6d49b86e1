"""Someone waits with their turn on the phone, without JavaScript, until they are called and attended."""

from collections.abc import Sequence

from playwright.async_api import BrowserContext
from sqlalchemy import text

from app.desk.service import arrivals, calls, counters
from app.desk.service.arrivals import NewTicket
from app.desk.service.counters import Seat
from app.desk.service.tickets import TicketRef
from app.kernel import db as kernel_db
from app.kernel import ids
from app.kernel.actor import Staff
from app.places.models import Room
from tests.desk.factories import hire
from tests.journeys.conftest import World
from tests.journeys.inspection import inspect_at_each_width

WINDOW = 41


async def some_who_wait(world: World, people: int) -> tuple[Staff, Sequence[NewTicket]]:
    """A window that opens, and people who take numbers there."""
    async with world.transaction() as session:
        session.add(Room(unit_id=world.unit.id, number=WINDOW, kind="window", name="Ventanilla 41"))
        await session.flush()
        rosa = await hire(session, world.unit, WINDOW)
        await counters.open_counter(session, rosa, Seat(world.unit.id, WINDOW), ["dental"])
        return rosa, [await arrivals.take_number(session, rosa, world.unit.id, "dental") for _ in range(people)]


async def call(world: World, rosa: Staff) -> TicketRef:
    async with world.transaction():
        made = await calls.call_next(kernel_db.grouped_statements(), rosa.staff_id, str(ids.new_id()))
    return TicketRef(world.unit.id, made.id)


async def test_from_the_number_to_the_window(phone: BrowserContext, screen: BrowserContext, world: World) -> None:
    rosa, given = await some_who_wait(world, 4)
    page = await phone.new_page()
    await page.goto(f"/turno/{given[1].code}")
    assert await page.locator("h1").inner_text() == f"Turno {given[1].number}"
    assert await page.locator(".v-headline").inner_text() == "1 persona antes"
    large = await screen.new_page()
    for code, sentence in ((given[3].code, "3 personas antes"), ("0" * 32, "No encontramos ese turno")):
        await large.goto(f"/turno/{code}")
        assert sentence in await large.locator("main").inner_text()
        await inspect_at_each_width(large)
    first = await call(world, rosa)
    await page.reload()
    assert await page.locator(".v-headline").inner_text() == "Usted sigue"
    async with world.transaction() as session:
        await calls.serve(session, rosa, first)
        await calls.finish(session, rosa, first)
    await call(world, rosa)
    await page.get_by_role("link", name="Detener").click()
    assert await page.locator(".v-headline").inner_text() == "Pase a Ventanilla 41"
    await large.goto(f"/turno/{given[1].code}")
    await inspect_at_each_width(large)
    async with world.transaction() as session:
        await session.execute(text("UPDATE counter_session SET status = 'closed', closed_at = now()"))
