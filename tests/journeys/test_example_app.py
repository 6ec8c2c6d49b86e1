"""The example in `examples/booking` runs as it is: a citizen books from another origin."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.async_api import Browser
from sqlalchemy import select

from app.appointments.models import Appointment
from app.identity.models import Account
from app.identity.service.codes import issue_desk_code
from app.kernel import clock, ids
from app.kernel.actor import Role, Staff
from tests.journeys.conftest import SECONDS, World
from tests.requests import actors

FOLDER = Path(__file__).parents[2] / "examples" / "booking"


class Quiet(SimpleHTTPRequestHandler):
    """Prints nothing of what is asked for."""

    def log_message(self, *_arguments: object) -> None:
        return


@contextmanager
def served(port: int) -> Iterator[str]:
    """The example at an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=FOLDER)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{port}"
        server.shutdown()


async def test_a_citizen_books_from_another_origin(chromium: Browser, world: World) -> None:
    async with world.transaction() as session:
        eva = await actors.person(session, world.unit)
        session.add(
            Account(
                person_id=eva.id, curp=eva.curp, email="eva@ejemplo.mx", language="es", created_at=clock.now(),
                assurance="full",
            )
        )  # fmt: skip
        officer = Staff(ids.new_id(), Role.OFFICER, frozenset({world.unit.id}))
        code = await issue_desk_code(session, officer, person_id=eva.id, curp=eva.curp)
    context = await chromium.new_context()
    context.set_default_timeout(SECONDS * 1000)
    page = await context.new_page()
    with served(world.other_port) as origin:
        await page.goto(f"{origin}/?portal={world.portal.address}")
        await page.fill("#curp", eva.curp)
        await page.click("#who button")
        await page.fill("#code", "00000000" if code != "00000000" else "11111111")
        await page.click("#proof button")
        await page.wait_for_selector("#problem:not(:empty)")
        refusal = await page.inner_text("#problem")
        await page.fill("#code", code)
        await page.click("#proof button")
        await page.wait_for_selector("#time option", state="attached")
        await page.click("#when button")
        await page.wait_for_selector("#done:not(:empty)")
        done = await page.inner_text("#done")
    await context.close()
    assert "código" in refusal.lower(), "another origin reads why it was refused"
    async with world.transaction() as session:
        booked = (await session.scalars(select(Appointment).where(Appointment.person_id == eva.id))).one()
    assert (booked.status, booked.channel) == ("booked", "api")
    assert booked.folio in done
