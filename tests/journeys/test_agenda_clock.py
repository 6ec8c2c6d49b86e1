"""The day sheet on a device whose clock is wrong: it ends with its day by the server's."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from app.kernel import clock
from tests.journeys.conftest import World
from tests.journeys.sheet import PAGE, Clinic, device, make_clinic, prepared
from tests.journeys.steps import text_of


@pytest.fixture
async def here(world: World) -> Clinic:
    return await make_clinic(world)


@pytest.mark.parametrize("is_online", [True, False])
async def test_a_device_whose_clock_is_ahead_does_not_reload_itself(
    chromium: Browser, here: Clinic, *, is_online: bool
) -> None:
    """By its clock the day is over; by the server's it isn't."""
    async with device(chromium, here.world) as context:
        await here.member(context)
        await context.add_init_script(f"({AHEAD})()")
        page = await prepared(context)
        await page.wait_for_load_state("networkidle")
        await context.set_offline(not is_online)
        seen = navigations(page)
        await page.reload()
        assert "Celia" in await text_of(page)
        await page.wait_for_timeout(3000)
        # The worker that made the copy has another clock here than the page, which no device has.
        assert len(seen) <= (1 if is_online else 2)
        await expect(page.locator("[data-part=status]")).to_contain_text("En línea" if is_online else "Sin conexión")


async def test_the_day_of_a_sheet_ends_once(chromium: Browser, here: Clinic) -> None:
    """A server that goes on giving a sheet of a day that is over is asked once a minute."""
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await context.new_page()
        await page.route(f"**{PAGE}", over)
        seen = navigations(page)
        await page.goto(PAGE)
        await page.wait_for_timeout(3000)
        assert len(seen) == 2


def navigations(page: Page) -> list[str]:
    """The addresses that the page goes to from here on."""
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    return seen


async def over(route: Route) -> None:
    """The sheet as at the end of its day."""
    answer = await route.fetch()
    before = (clock.now() - timedelta(minutes=1)).isoformat()
    page = re.sub('data-until="[^"]*"', f'data-until="{before}"', await answer.text())
    await route.fulfill(response=answer, body=page)


AHEAD = """() => {
    const RealDate = Date, ahead = 30 * 3600 * 1000;
    class Shifted extends RealDate {
        constructor(...given) { if (given.length) super(...given); else super(RealDate.now() + ahead); }
        static now() { return RealDate.now() + ahead; }
    }
    globalThis.Date = Shifted;
}"""
"""The device's clock is thirty hours ahead, for its pages."""
