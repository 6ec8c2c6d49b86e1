"""A link in a reminder does one thing, shows what it did, and ends with whatever else happens to the appointment."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.appointments.service import reschedule
from app.appointments.service.reschedule import NewTime
from app.notifications.reminder_rules import Moment
from app.notifications.reminder_tokens import Purpose, sign_link
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.gateway import Gateway, open_gateway
from tests.notifications.mailbox import Mailbox, open_mailbox, value
from tests.notifications.reminding import Case, case, choose
from tests.web.browser import Browser, another_tab
from tests.web.reminder_mail import links

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)
TIME = re.compile(r'name="time"[^>]*value="([^"]+)"')


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    with open_gateway(monkeypatch) as gateway:
        yield gateway


@pytest.fixture
async def here(db: Database, mailbox: Mailbox) -> AsyncIterator[Case]:
    """Ana was reminded, and it is a minute later."""
    made = await case(db)
    await made.remind(made.before(3))
    with time_machine.travel(made.before(3, 9, 3), tick=True):
        yield made


async def moved(client: httpx.AsyncClient, mailbox: Mailbox) -> tuple[Browser, str]:
    """The link that moved the appointment to 9:15."""
    browser, path = Browser(client), links(mailbox)["Quiero"]
    page = await browser.get(path)
    await browser.send(path, time=TIME.findall(page.text)[0])
    assert "9:15" in (await browser.get(path)).text
    return browser, path


async def test_after_it_moved_once_more_the_link_shows_nothing_of_it(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    browser, path = await moved(client, mailbox)
    async with here.db.transaction() as session:
        to = NewTime(1, here.start_at + timedelta(minutes=30))
        await reschedule.move(session, factories.citizen(here.ana), here.folio, to, factories.once())
    page = await browser.get(path)
    assert page.status_code == 410
    assert "9:30" not in page.text
    assert "se movió la cita a otro horario" in page.text


@pytest.mark.parametrize("change", ["affected = 'leave'", "status = 'cancelled', version = version + 1"])
async def test_what_happens_after_the_move_ends_the_link(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox, change: str
) -> None:
    browser, path = await moved(client, mailbox)
    await here.sql(f"UPDATE appointment SET {change}")
    page = await browser.get(path)
    assert page.status_code == 410
    assert "Movió la cita" not in page.text
    assert "9:15" not in page.text


async def test_a_way_on_after_the_move_and_none_back(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    browser, path = await moved(client, mailbox)
    page = (await browser.get(path)).text.split("<main", 1)[1]
    assert f"/citas/{here.folio}" in page
    assert "<button" not in page


async def test_a_button_after_something_else_was_done_says_what(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    cancels, confirms = Browser(client), Browser(client)
    for browser, name in ((cancels, "No"), (confirms, "Sí")):
        await browser.get(links(mailbox)[name])
    await moved(client, mailbox)
    for browser, name in ((cancels, "No"), (confirms, "Sí")):
        answer = await browser.send(links(mailbox)[name])
        assert answer.status_code == 410
        assert "se movió la cita a otro horario" in answer.text
        assert "aviso=ya" not in answer.headers.get("location", "")
    assert await value("SELECT status FROM appointment") == "booked"


async def test_too_late_to_change_it_no_other_link_is_named(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    browser, path = Browser(client), links(mailbox)["Sí"]
    await browser.get(path)
    assert "use los otros enlaces del mensaje" in browser.text
    with time_machine.travel(here.start_at - timedelta(hours=1), tick=True):
        await browser.get(path)
        assert "Ya no se puede mover ni cancelar en línea" in browser.text
        assert "Para ver su cita, entre: ver mi cita" in browser.text
        assert "los otros enlaces" not in browser.text


@pytest.mark.parametrize("name", ["Sí", "Quiero", "No"])
async def test_the_page_of_a_mail_s_link_has_no_token_but_its_own(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox, name: str
) -> None:
    browser, path = Browser(client), links(mailbox)[name]
    for asked in (path, f"{path}?hacer=cancelar", f"{path}?hacer=mover"):
        page = await browser.get(asked)
        assert set(re.findall(r"/r/([A-Za-z0-9_=-]+)", page.text)) == {path.removeprefix("/r/")}
    if name == "Sí":
        await browser.get(f"{path}?hacer=cancelar")
        await browser.send(f"{path}?hacer=cancelar", via=f"{path}?hacer=cancelar")
        page = await browser.get(path)
        assert "Confirmó su cita" in page.text
        assert set(re.findall(r"/r/([A-Za-z0-9_=-]+)", page.text)) <= {path.removeprefix("/r/")}
        assert f"/citas/{here.folio}" in page.text
        assert await value("SELECT status FROM appointment") == "booked"


async def test_a_mail_has_no_link_for_everything(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    message = await value("SELECT id FROM message WHERE kind = 'appointment.reminder'")
    assert (await client.get(f"/r/{sign_link(Purpose.ANSWER, message)}")).status_code == 404


@pytest.mark.parametrize(
    ("way", "said"), [("confirmar", "Confirmó su cita"), ("mover", "Movió la cita"), ("cancelar", "Canceló la cita")]
)
async def test_the_one_link_of_a_text_message_leads_to_the_three(
    client: httpx.AsyncClient, db: Database, gateway: Gateway, mailbox: Mailbox, way: str, said: str
) -> None:
    made = await case(db, phone="+525512345678")
    await choose(made, Moment.DAYS_3, channel="sms")
    await made.remind(made.before(3))
    (sent,) = gateway.sent.values()
    path = "/r/" + sent["text"].rsplit("/r/", 1)[1]
    with time_machine.travel(made.before(3, 9, 3), tick=True):
        browser = Browser(client)
        page = await browser.get(path)
        assert {f"{path}?hacer={one}" for one in ("mover", "cancelar")} <= set(re.findall(r'href="([^"]+)"', page.text))
        if way != "confirmar":  # that button is on the page itself
            page = await browser.get(f"{path}?hacer={way}")
        chosen = {"time": TIME.findall(page.text)[0]} if way == "mover" else {}
        answer = await browser.send(f"{path}?hacer={way}", **chosen)
        assert answer.headers["location"] == f"{path}?hacer={way}"
        assert said in (await browser.get(f"{path}?hacer={way}")).text
        if way != "confirmar":
            assert said in (await browser.get(path)).text
            assert "Esto cambió: el" in (await browser.get(f"{path}?hacer=confirmar")).text


async def test_times_of_several_days_with_the_own_doctor_first_and_never_the_own_hour(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    async with here.db.transaction() as session:
        await session.execute(text("UPDATE person SET room = 1, shift = 'M'"))
        for days in range(-1, 4):
            for room in (1, 2):
                count = 12 if days else 3
                start = here.start_at + timedelta(days=days)
                if days or room == 2:
                    await factories.seats(session, here.unit, room=room, count=count, start_at=start)
    page = (await client.get(links(mailbox)["Quiero"])).text
    offered = [one.split("@") for one in TIME.findall(page)]
    assert here.start_at.isoformat() not in {moment for _room, moment in offered}
    assert len({moment[:10] for _room, moment in offered}) == 4
    assert {room for room, _moment in offered} == {"1"}
    assert "Consultorio 1 (su médico)" in page
    assert "Ver más horarios" in page


async def test_another_s_room_is_named_as_that(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    async with here.db.transaction() as session:
        await session.execute(text("UPDATE person SET room = 2, shift = 'M'"))
    page = (await client.get(links(mailbox)["Quiero"])).text
    assert "Consultorio 1</label>" in re.sub(r"\s+(?=<)", "", page)
    assert "su médico" not in page


async def test_the_own_time_is_no_choice(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    browser, path = Browser(client), links(mailbox)["Quiero"]
    await browser.get(path)
    stale = another_tab(browser)
    await stale.get(path)
    for wrong in (f"1@{here.start_at.isoformat()}", f"2@{here.start_at.isoformat()}", "x@y"):
        assert (await stale.send(path, time=wrong)).status_code == 422
        await stale.get(path)
    assert await value("SELECT version FROM appointment") == 1
