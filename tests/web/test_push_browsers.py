"""The page on which a person turns notices in a browser on and off, and what else ends them there."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.identity import devices
from app.identity.service.revocation import revoke_all_access
from app.kernel.outbound import close_outbound_client
from app.notifications import push_keys, push_subscriptions
from app.web.browser import device_cookie_name
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_account
from tests.notifications.pushing import PushBrowser
from tests.notifications.reminding import Case, case
from tests.web.browser import Browser, another_tab, count, signed_in_browser
from tests.web.lapsing import sign_in
from tests.webhooks.receiver import Receiver, receiving

PAGE = "/mi/navegadores"
ON = "SELECT count(*) FROM push_subscription"


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    async with receiving(monkeypatch) as receiver:
        yield receiver
        await close_outbound_client()


@pytest.fixture
async def here(db: Database) -> Case:
    return await case(db)


async def known(app: FastAPI, db: Database, here: Case, cookie: str = "") -> Browser:
    """Ana's browser, from which she signed in."""
    browser = await signed_in_browser(app, db, person_id=here.ana.id)
    browser.client.cookies.set(device_cookie_name(), cookie or devices.add_account("", here.ana.curp))
    return browser


async def turn_on(browser: Browser, db: Database, pushed: PushBrowser, **changed: str) -> Any:
    async with db.transaction() as session:
        key = (await push_keys.current_key(session)).public_key
    page = (await browser.get(PAGE)).text
    assert f'data-push="{key}"' in page
    given = {"endpoint": pushed.endpoint, **pushed.keys, "public_key": key} | changed
    return await browser.send(PAGE, **given)


async def test_it_is_turned_on_listed_and_turned_off(app: FastAPI, db: Database, here: Case, service: Receiver) -> None:
    browser = await known(app, db, here)
    assert "En ningún navegador" in (await browser.get(PAGE)).text
    browser.client.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36"
    done = await turn_on(browser, db, PushBrowser(service))
    assert done.status_code == 303
    page = (await browser.get(done.headers["location"])).text
    assert "Listo: verá los avisos en este navegador." in page
    assert "Chrome, Android" in page
    assert "Este navegador</strong>" in page
    assert "data-here" in page
    mine = (await browser.client.get("/mi/datos.json")).json()["push_subscriptions"]
    assert [(one["name"], one["device"]) for one in mine] == [("Chrome, Android", "phone")]
    other = await known(app, db, here)
    seen = (await other.get(PAGE)).text
    assert "Chrome, Android" in seen
    assert "data-here" not in seen
    stale = another_tab(browser)
    await stale.get(PAGE)
    path = next(one for one in seen.split('"') if one.endswith("/quitar"))
    assert (await other.send(path)).headers["location"].startswith(f"{PAGE}?listo=quitado&")
    assert (await stale.send(path)).status_code == 303, "it is off already"
    assert await count(db, ON) == 0


async def test_browsers_of_one_name_are_told_apart(app: FastAPI, db: Database, here: Case, service: Receiver) -> None:
    for name in ("uno", "dos"):
        browser = await known(app, db, here)
        browser.client.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36"
        await turn_on(browser, db, PushBrowser(service, name))
    page = (await browser.get(PAGE)).text
    headings = re.findall(r'<h3[^>]* id="(b[0-9])">(.*?)</h3>', page)
    assert [one for one, _text in headings] == ["b1", "b2"]
    names = [re.sub("<.*?>", "", text) for _one, text in headings]
    wanted = r"Chrome, Android desde .+, [0-9]{1,2}:[0-9]{2}.* \([12] de 2\)"
    assert all(re.match(wanted, name) for name in names), names
    assert len(set(names)) == 2
    assert page.count('aria-labelledby="q1 b1"') == page.count('aria-labelledby="q2 b2"') == 1, "each button's name"


async def test_what_the_script_fills_in_is_checked_and_nothing_is_taken_twice(
    app: FastAPI, db: Database, here: Case, service: Receiver
) -> None:
    browser = await known(app, db, here)
    refused = await turn_on(browser, db, PushBrowser(service), endpoint="https://10.0.0.1/x")
    assert refused.status_code == 422
    assert await count(db, ON) == 0
    without = await signed_in_browser(app, db, person_id=here.ana.id)
    pushed = PushBrowser(service)
    assert (await turn_on(without, db, pushed)).status_code == 303
    assert "Este navegador</strong>" in (await without.get(PAGE)).text, "it has a cookie now by which it is found again"
    for _ in range(2):
        assert (await turn_on(browser, db, pushed)).status_code == 303
    assert (await turn_on(browser, db, PushBrowser(service, "otra"))).status_code == 303
    assert await count(db, ON) == 1, "a browser has one, with the address that it has now"


async def test_signing_out_ends_it_in_this_browser_only(
    app: FastAPI, db: Database, here: Case, service: Receiver
) -> None:
    one, two = await known(app, db, here), await known(app, db, here)
    await turn_on(one, db, PushBrowser(service, "uno"))
    await turn_on(two, db, PushBrowser(service, "dos"))
    await one.get("/mi")
    assert (await one.send("/salir")).status_code == 303
    assert await count(db, ON) == 1
    assert await count(db, "SELECT count(*) FROM event WHERE payload ->> 'because' = 'signed-out'") == 1
    assert "data-here" in (await two.get(PAGE)).text


async def test_another_person_in_this_browser_is_not_shown_the_first_ones(
    app: FastAPI, db: Database, here: Case, service: Receiver
) -> None:
    cookie = devices.add_account("", here.ana.curp)
    await turn_on(await known(app, db, here, cookie), db, PushBrowser(service))
    async with db.transaction() as session:
        luz = await factories.person(session, here.unit)
        add_account(session, luz, email="luz@ejemplo.mx")
    hers = await signed_in_browser(app, db, person_id=luz.id)
    hers.client.cookies.set(device_cookie_name(), cookie)
    assert "En ningún navegador" in (await hers.get(PAGE)).text
    assert (await turn_on(hers, db, PushBrowser(service, "otra"))).status_code == 303
    assert await count(db, "SELECT count(*) FROM event WHERE payload ->> 'because' = 'other-account'") == 1
    assert await count(db, ON) == 1
    assert "Este navegador</strong>" in (await hers.get(PAGE)).text


async def test_who_signs_in_ends_what_another_person_turned_on_here(
    app: FastAPI, db: Database, here: Case, service: Receiver
) -> None:
    cookie = devices.add_account("", here.ana.curp)
    await turn_on(await known(app, db, here, cookie), db, PushBrowser(service))
    async with db.transaction() as session:
        luz = await factories.person(session, here.unit)
        luz.curp = "GOAL661013MTCNGZ06"
        add_account(session, luz, email="luz@ejemplo.mx")
    tab = await signed_in_browser(app, db, person_id=luz.id)
    tab.client.cookies.clear()
    tab.client.cookies.set(device_cookie_name(), cookie)
    assert (await sign_in(tab, db, luz, "/entrar", PAGE)).status_code == 303
    assert await count(db, ON) == 0


async def test_what_ends_all_access_ends_it(app: FastAPI, db: Database, here: Case, service: Receiver) -> None:
    browser = await known(app, db, here)
    await turn_on(browser, db, PushBrowser(service))
    async with db.transaction() as session:
        assert len(await push_subscriptions.live_of(session, [here.ana.id])) == 1
        await revoke_all_access(session, here.ana.id)
        assert await push_subscriptions.live_of(session, [here.ana.id]) == []
        await push_subscriptions.delete_ended(session)
    assert await count(db, ON) == 0


async def test_without_the_worker_the_page_says_so(
    app: FastAPI, db: Database, here: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await known(app, db, here)
    browser.client.cookies.set("ventanilla_work", "1")
    page = (await browser.get(PAGE)).text
    assert "no puede mostrar avisos en este navegador" in page
    assert "data-push" not in page
