"""Notices in a browser: turned on with its leave, shown by the worker, and said plainly where they can't be."""

import json

from playwright.async_api import BrowserContext, Page, expect

from tests.journeys.conftest import World
from tests.journeys.inspection import inspect_at_each_width, look
from tests.notifications.pushing import PushBrowser
from tests.webhooks.receiver import Receiver

PAGE = "/mi/navegadores"
NOTICE = {"title": "Tiene un recordatorio de cita.", "url": "/mi", "tag": "m1", "lang": "es"}
# The shell without a window shows no notices: what the worker asks it to show is noted instead.
NOTE = """() => {
    self.asked = [];
    self.registration.showNotification = async (title, given) =>
        self.asked.push([title, given.tag, given.lang, given.data.url]);
}"""

# Browsers subscribe at a service of their makers, which isn't here.
PUSH_SERVICE = """(given) => {
    const plain = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    const raw = (text) => Uint8Array.from(plain(text), (one) => one.charCodeAt(0));
    const getKey = (name) => raw(given.keys[name]).buffer;
    const made = { endpoint: given.endpoint, getKey, unsubscribe: async () => true };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        made.options = { applicationServerKey };
        return made;
    };
}"""


async def deliver(page: Page, notice: dict[str, str]) -> None:
    """Give the worker a push message, as the browser does when its service sends one."""
    tools = await page.context.new_cdp_session(page)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    await tools.send("ServiceWorker.enable")
    while not found:
        await page.wait_for_timeout(20)
    origin = await page.evaluate("location.origin")
    given = {"origin": origin, "registrationId": found[0], "data": json.dumps(notice)}
    await tools.send("ServiceWorker.deliverPushMessage", given)
    await tools.detach()


async def test_notices_are_turned_on_and_shown(phone: BrowserContext, screen: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    plain = await phone.new_page()  # without scripts
    await plain.goto(PAGE)
    await expect(plain.get_by_text("hace falta JavaScript")).to_be_visible()
    await expect(plain.get_by_role("button", name="Encender")).to_be_hidden()
    await world.come_in(screen)
    page = await screen.new_page()
    await page.goto(PAGE)
    button = page.get_by_role("button", name="Encender los avisos aquí")
    await expect(button).to_be_visible()
    await inspect_at_each_width(page)
    await look(page, "push-off", 360, 1366)
    await screen.grant_permissions(["notifications"], origin=world.portal.address)
    browser = PushBrowser(Receiver())
    given = {"endpoint": "https://push.ejemplo.mx/uno", "keys": browser.keys}
    padded = {name: key + "=" * (-len(key) % 4) for name, key in browser.keys.items()}
    await page.evaluate(PUSH_SERVICE, given | {"keys": padded})
    await button.click()
    await expect(page.get_by_text("Listo: verá los avisos en este navegador.")).to_be_visible()
    await expect(page.get_by_text("Este navegador", exact=True)).to_be_visible()
    await inspect_at_each_width(page)
    await look(page, "push-on", 360, 1366)
    worker = screen.service_workers[0]
    await worker.evaluate(NOTE)
    await deliver(page, NOTICE)
    while not await worker.evaluate("self.asked.length"):
        await page.wait_for_timeout(20)
    assert await worker.evaluate("self.asked") == [[NOTICE[name] for name in ("title", "tag", "lang", "url")]]
    await page.get_by_role("button", name="Apagar").click()
    await expect(page.get_by_text("En ningún navegador ni aplicación.")).to_be_visible()
