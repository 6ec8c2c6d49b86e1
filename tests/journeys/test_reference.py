"""The reference of the API in a browser: its pages as every page is inspected, and the form that sends an operation."""

from playwright.async_api import Browser, Page, Request

from tests.journeys.conftest import SECONDS, World
from tests.journeys.inspection import WIDEST_OVERFLOW, look

MOST = 8
PRUNE = """most => {
    const seen = {};
    for (const one of document.querySelectorAll("article")) {
        const kind = one.id.startsWith("schema-");
        seen[kind] = (seen[kind] ?? 0) + 1;
        if (seen[kind] > most) one.remove();
    }
}"""
"""Five hundred parts of the same form take axe minutes."""


async def inspected(page: Page, name: str) -> None:
    for width in (360, 1366):
        await page.set_viewport_size({"width": width, "height": 768})
        assert await page.evaluate(WIDEST_OVERFLOW) <= 0, f"{name} at {width}"
    await page.evaluate(PRUNE, MOST)
    await look(page, name)


async def test_an_operation_is_tried_from_its_page(chromium: Browser, world: World) -> None:
    context = await chromium.new_context(base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    page = await context.new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 # it must be a function of Python
    await page.goto("/api/v1/docs")
    await inspected(page, "reference")
    for name in ("events", "changes"):
        await page.goto(f"/en/api/v1/docs/{name}")
        await inspected(page, f"reference-{name}")

    await page.goto("/api/v1/docs/try/get_service")
    await page.fill("[data-name=service_id]", "")
    await page.click("#try-send")
    assert "service_id" in await page.inner_text("#try-status"), "what is missing is named"
    await page.fill("[data-name=service_id]", "vigencia")
    await page.click("#try-send")
    await page.wait_for_selector("#try-answer:visible")
    assert (await page.inner_text("#try-status")).startswith("200 OK")
    assert '"vigencia"' in await page.inner_text("#try-answer")
    await inspected(page, "reference-try")

    await page.goto("/api/v1/docs/try/create_hold")
    await page.fill("#try-token", "not-a-token")
    await page.click("#try-send")
    await page.wait_for_selector("#try-answer:visible")
    assert (await page.inner_text("#try-status")).startswith("401")
    sent = asked[-1]
    assert (sent.method, sent.headers["authorization"]) == ("POST", "Bearer not-a-token")
    assert "cookie" not in sent.headers
    assert len(sent.headers["idempotency-key"]) == 36
    assert all(one.url.startswith(world.portal.address) for one in asked)
    assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    await page.reload()
    assert await page.input_value("#try-token") == ""
    await context.close()
