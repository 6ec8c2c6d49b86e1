"""What every page is inspected for: axe, widths, the keyboard."""

import os
from typing import Any
from weakref import WeakSet

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, ViewportSize

from tests.journeys.steps import text_of

AXE = Axe().axe_script
SHOTS = os.environ.get("DESK_SHOTS")
"""A folder for pictures of the pages, when someone wants to look at them."""


# Without selectors: they take as long as the rules, and the HTML of a fault says where it is.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "selectors": False}


# Every rule runs. What was in order isn't listed: making and sending that list takes longer than the rules. A page that
# shows the same elements in the same way as one that was looked at, at another width or in another test, isn't looked
# at again: only its numbers, addresses and typed values may differ.
FAULTS = r"""([options, inspected]) => {
    const how = one => one.checkVisibility() && getComputedStyle(one).display;
    const page = document.documentElement.outerHTML
        .replace(/ (action|content|datetime|href|nonce|src|value)="[^"]+"/g, " $1")
        .replace(/>[^<]+</g, text => text.replace(/\d+/g, "0"));
    const state = page + [...document.querySelectorAll("*")].map(how).join();
    let one = 1, two = 2;
    for (let at = 0; at < state.length; at++) {
        one = Math.imul(one ^ state.charCodeAt(at), 2654435761);
        two = Math.imul(two ^ state.charCodeAt(at), 1597334677);
    }
    const shape = (one >>> 0).toString(36) + (two >>> 0).toString(36);
    if (inspected.includes(shape)) return [shape, []];
    return axe.run({...options, resultTypes: ["violations"]}).then(found => [shape,
        found.violations.map(fault => [fault.id, fault.nodes.map(node => node.html.slice(0, 120))])]);
}"""
_inspected: set[str] = set()


WIDEST_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


# Texts of the page with a CURP, a folio or an hour that is spread over more than one line.
BROKEN_NUMBERS = r"""() => {
    const broken = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const curp = /[A-Z]{4}\d{6}[HMX][A-Z0-9]{7}/, folio = /[A-Z]-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]/;
        const hour = /\d{1,2}:\d\d\s[ap]\.m/;
        const numbers = new RegExp(`\\b(${curp.source}|${folio.source}|${hour.source})\\b`, "g");
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


# Words with a line break inside. One that no line could hold may have it. Looked for in texts of several lines only:
# where each word of a page stands takes long to answer.
BROKEN_WORDS = r"""() => {
    const broken = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const unseen = "textarea, select, code, script, svg, .govuk-visually-hidden, .v-breakable";
    const range = document.createRange();
    const lines = () => new Set(
        [...range.getClientRects()].filter(part => part.width > 0).map(part => Math.round(part.top))).size;
    while (texts.nextNode()) {
        const text = texts.currentNode, place = text.parentElement;
        range.selectNodeContents(text);
        if (lines() < 2 || !place.checkVisibility() || place.closest(unseen)) continue;
        if (getComputedStyle(place.closest("thead") || place).clipPath !== "none") continue;
        for (const found of text.data.matchAll(/(?<![^\s«“(¿¡])\p{L}{2,24}(?=[\s.,;:)»”?!]|$)/gu)) {
            range.setStart(text, found.index);
            range.setEnd(text, found.index + found[0].length);
            if (lines() > 1) broken.push(found[0]);
        }
    }
    return broken;
}"""


# What scrolls inside the page, and can't be reached by the keyboard or has no name to say what it is.
UNREACHABLE_SCROLLERS = """() => [...document.querySelectorAll("body *")].filter(one => {
    const higher = one.scrollHeight > one.clientHeight + 1, wider = one.scrollWidth > one.clientWidth + 1;
    if (!(higher || wider) || one.matches("textarea, select, input, iframe") || !one.checkVisibility()) return false;
    const style = getComputedStyle(one), scrolls = /auto|scroll/;
    const down = scrolls.test(style.overflowY) && higher, across = scrolls.test(style.overflowX) && wider;
    const named = one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
    return (down || across) && !(one.tabIndex === 0 && one.getAttribute("role") && named);
}).map(one => one.outerHTML.slice(0, 120))"""


# One call for all of them: each call passes three processes, and takes as long as what it asks for.
LINES = f"""() => ({{
    overflow: {WIDEST_OVERFLOW}, overlapping: ({OVERLAPPING})(), numbers: ({BROKEN_NUMBERS})(),
    words: ({BROKEN_WORDS})(), scrollers: ({UNREACHABLE_SCROLLERS})(),
    headings: document.querySelectorAll("h1").length, title: document.title,
}})"""


TABLETS = (820, 700, 641)
_with_axe: WeakSet[BrowserContext] = WeakSet()


async def inspect(page: Page, where: str = "") -> None:
    """Nothing for axe to find, nothing to scroll sideways, exactly one heading, a title that names the page."""
    if page.context not in _with_axe:  # its next pages have it as they open, which takes half as long
        _with_axe.add(page.context)
        await page.context.add_init_script(AXE)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    shape, faults = await page.evaluate(FAULTS, [RULES, sorted(_inspected)])
    assert faults == [], f"{where or page.url}: {faults}"
    _inspected.add(shape)
    found = await inspect_lines(page, where)
    assert found["headings"] == 1, page.url
    assert found["title"].endswith(" – Ventanilla"), page.url


async def inspect_lines(page: Page, where: str = "") -> dict[str, Any]:
    """Nothing to scroll sideways, nothing over something else, every word, CURP and folio in one line, and whatever
    scrolls within reach of the keyboard. Returns what was found, with the number of headings and the title."""
    found: dict[str, Any] = await page.evaluate(LINES)
    assert found["overflow"] <= 0, f"{page.url} sticks out"
    assert found["overlapping"] == [], f"{where or page.url}: a choice stands over the next"
    assert found["numbers"] == [], f"{where or page.url}: a number is broken"
    assert found["words"] == [], f"{where or page.url}: a word is broken"
    assert found["scrollers"] == [], f"{where or page.url}: the keyboard can't scroll it"
    return found


async def inspect_at_each_width(page: Page, where: str = "") -> None:
    """As `inspect`, on a very small screen, which the page has again afterwards, and on a large one; on tablets, its
    lines."""
    await page.set_viewport_size({"width": 320, "height": 800})
    await inspect(page, where)
    for width in TABLETS:
        await page.set_viewport_size({"width": width, "height": 1180})
        await inspect_lines(page, f"{where or page.url} at {width}")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await inspect(page, where)
    await page.set_viewport_size({"width": 320, "height": 800})


async def reach(page: Page, focused: str) -> None:
    """Press Tab until what has the focus is this."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.locator(focused).count():
            return
    raise AssertionError(f"the keyboard never reached {focused} of {page.url}")


async def look(page: Page, name: str, *sizes: int) -> None:
    """axe and overflow on a telephone and on a wide screen; a picture of each when asked for."""
    for width in sizes or (360, 1366):
        await page.set_viewport_size({"width": width, "height": 768})
        await inspect(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


SHEET: ViewportSize = {"width": 716, "height": 950}
"""A letter sheet without its margins, in CSS pixels."""
PRESSED = "nav, button:not(.govuk-visually-hidden), input:not([type=hidden]), select, textarea, .v-sections, .v-filters"
WIDER = """width => [...document.querySelectorAll("main table")].filter(one => one.checkVisibility())
    .filter(one => one.getBoundingClientRect().right > width).map(one => one.caption.innerText)"""


async def printed(page: Page) -> str:
    """What the page says on paper, after it was looked at there."""
    await page.set_viewport_size(SHEET)
    await page.emulate_media(media="print")
    shown = [one for one in await page.locator(PRESSED).all() if await one.is_visible()]
    assert not [await one.evaluate("one => one.outerHTML.slice(0, 120)") for one in shown], page.url
    assert await page.evaluate(WIDER, SHEET["width"]) == [], f"{page.url}: a table is wider than the sheet"
    text = await text_of(page)
    await page.emulate_media(media="screen")
    return text
