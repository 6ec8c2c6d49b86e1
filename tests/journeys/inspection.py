"""What every page is inspected for: axe, widths, the keyboard."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

AXE = Axe().axe_script


RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


# Every rule runs. What was in order isn't listed: making and sending that list takes longer than the rules.
FAULTS = """options => axe.run({...options, resultTypes: ["violations"]}).then(found =>
    found.violations.map(fault => [fault.id, fault.nodes.map(node => node.html.slice(0, 120))]))"""


WIDEST_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


# Texts of the page with a CURP or a folio that is spread over more than one line.
BROKEN_NUMBERS = r"""() => {
    const broken = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const numbers = /\b([A-Z]{4}\d{6}[HMX][A-Z0-9]{7}|[A-Z]-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z])\b/g;
        for (const found of text.data.matchAll(numbers)) {
            const range = document.createRange();
            range.setStart(text, found.index);
            range.setEnd(text, found.index + found[0].length);
            const tops = new Set([...range.getClientRects()].map(part => Math.round(part.top)));
            if (tops.size > 1) broken.push(text.data);
        }
    }
    return broken;
}"""


# Choices that are wider than their place, and so stand over the next one.
OVERLAPPING = """() => [...document.querySelectorAll(".govuk-radios__item")]
    .filter(item => item.checkVisibility() && item.scrollWidth > item.clientWidth).map(item => item.innerText)"""


TABLET = 820


async def inspect(page: Page, where: str = "") -> None:
    """Nothing for axe to find, nothing to scroll sideways, exactly one heading, a title that names the page."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    faults = await page.evaluate(FAULTS, RULES)
    assert faults == [], f"{where or page.url}: {faults}"
    await inspect_lines(page, where)
    assert await page.locator("h1").count() == 1, page.url
    assert (await page.title()).endswith(" – Ventanilla"), page.url


async def inspect_lines(page: Page, where: str = "") -> None:
    """Nothing to scroll sideways, nothing over something else, and every CURP and folio in one line."""
    assert await page.evaluate(WIDEST_OVERFLOW) <= 0, f"{page.url} sticks out"
    assert await page.evaluate(OVERLAPPING) == [], f"{where or page.url}: a choice stands over the next"
    assert await page.evaluate(BROKEN_NUMBERS) == [], f"{where or page.url}: a number is broken"


async def inspect_at_each_width(page: Page, where: str = "") -> None:
    """As `inspect`, on a large and on a very small screen, which the page has again afterwards; on a tablet, its
    lines."""
    await page.set_viewport_size({"width": TABLET, "height": 1180})
    await inspect_lines(page, where)
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        await inspect(page, where)


async def reach(page: Page, focused: str) -> None:
    """Press Tab until what has the focus is this."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.locator(focused).count():
            return
    raise AssertionError(f"the keyboard never reached {focused} of {page.url}")
