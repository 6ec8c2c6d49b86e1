"""The links in reminders: loading one changes nothing; its button acts once, for the one thing that it is for."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import ids
from app.notifications.reminder_tokens import Purpose, sign_link
from tests.conftest import Database
from tests.notifications.mailbox import Mailbox, open_mailbox, value
from tests.notifications.reminding import Case, case
from tests.web.browser import Browser, twice
from tests.web.reminder_mail import links

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox


@pytest.fixture
async def here(db: Database, mailbox: Mailbox) -> AsyncIterator[Case]:
    """Ana was reminded, and it is a minute later."""
    made = await case(db)
    await made.remind(made.before(3))
    with time_machine.travel(made.before(3, 9, 3), tick=True):
        yield made


async def states() -> tuple[object, ...]:
    return (
        await value("SELECT count(*) FROM event WHERE type LIKE 'appointment.%' AND type <> 'appointment.booked'"),
        await value("SELECT status FROM appointment"),
        await value("SELECT confirmed_start_at FROM appointment"),
        await value("SELECT answer FROM reminder"),
    )


@pytest.mark.parametrize("name", ["Sí", "Quiero", "No"])
async def test_loading_a_link_changes_nothing_and_names_no_one(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox, name: str
) -> None:
    before = await states()
    for _ in range(3):
        page = await client.get(links(mailbox)[name])
        assert page.status_code == 200
        assert (await client.head(links(mailbox)[name])).status_code == 200
    assert await states() == before
    assert "Ana" not in page.text
    assert here.ana.curp not in page.text
    assert "Medicina familiar" not in page.text
    assert page.headers["referrer-policy"] == "strict-origin"
    assert page.headers["cache-control"] == "no-store"


async def test_confirming_once_and_again(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    browser, path = Browser(client), links(mailbox)["Sí"]
    await browser.get(path)
    form = browser.form(path)
    for answer in await twice(browser, path, form):
        assert answer.status_code == 303
    page = await browser.get(path)
    assert "Confirmó su cita" in page.text
    assert await value("SELECT count(*) FROM event WHERE type = 'appointment.confirmed'") == 1
    assert await value("SELECT channel FROM event WHERE type = 'appointment.confirmed'") == "web"
    assert await value("SELECT answer FROM reminder") == "confirmed"


async def test_cancelling_frees_the_seat_as_the_person_on_the_web(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    browser, path = Browser(client), links(mailbox)["No"]
    await browser.get(path)
    await browser.send(path)
    assert "Canceló la cita" in (await browser.get(path)).text
    assert await value("SELECT state FROM seat ORDER BY start_at LIMIT 1") == "free"
    async with here.db.transaction() as session:
        event = (
            await session.execute(
                text("SELECT actor_kind, actor_id, channel, payload FROM event WHERE type = 'appointment.cancelled'")
            )
        ).one()
    assert (event.actor_kind, event.actor_id, event.channel) == ("citizen", here.ana.id, "web")
    assert event.payload["reason"] == "cannot-attend"
    for other in ("Sí", "Quiero"):
        page = await browser.get(links(mailbox)[other])
        assert page.status_code == 410
        assert "se canceló la cita" in page.text
        assert "<button" not in page.text.split("<main", 1)[1]


async def test_two_tabs_cancel_once(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    path = links(mailbox)["No"]
    first, second = Browser(client), Browser(client)
    await first.get(path)
    await second.get(path)
    answers = await asyncio.gather(first.send(path), second.send(path))
    assert {answer.status_code for answer in answers} == {303}
    assert await value("SELECT count(*) FROM event WHERE type = 'appointment.cancelled'") == 1


async def test_moving_takes_a_time_of_the_page_and_ends_the_links(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    browser, path = Browser(client), links(mailbox)["Quiero"]
    page = await browser.get(path)
    times = re.findall(r'name="time"[^>]*value="([^"]+)"', page.text)
    assert len(times) == 2
    unchosen = await browser.send(path)
    assert unchosen.status_code == 422
    await browser.send(path, time=times[0])
    page = await browser.get(path)
    assert "Movió la cita" in page.text
    assert "9:15" in page.text
    assert await value("SELECT version FROM appointment") == 2
    assert "se movió la cita a otro horario" in (await browser.get(links(mailbox)["No"])).text
    with time_machine.travel(here.before(2), tick=True):
        assert "9:15" not in (await browser.get(path)).text, "an old link doesn't show the new time"


CHANGES = ["status = 'cancelled'", "start_at = start_at + interval '1 day'", "affected = 'leave'"]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_link_expires_when_the_appointment_changes(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox, change: str
) -> None:
    browser, path = Browser(client), links(mailbox)["No"]
    await browser.get(path)
    await here.sql(f"UPDATE appointment SET {change}, version = version + 1")
    answer = await browser.send(path)
    assert answer.status_code in (409, 410)
    page = await browser.get(path)
    assert page.status_code == 410
    assert "Este enlace ya no sirve" in page.text
    assert await value("SELECT count(*) FROM event WHERE type = 'appointment.cancelled'") == 0


async def test_a_link_expires_with_the_appointment(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    with time_machine.travel(here.start_at, tick=True):
        for path in links(mailbox).values():
            assert (await client.get(path)).status_code == 410


async def test_too_late_to_cancel_is_said(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    with time_machine.travel(here.before(0, 8), tick=True):
        page = await client.get(links(mailbox)["No"])
        assert "Ya no se puede mover ni cancelar" in page.text
        assert 'action="/r/' not in page.text


async def test_a_link_of_another_purpose_key_or_length_is_none(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    token = links(mailbox)["No"].removeprefix("/r/")
    confirm = links(mailbox)["Sí"].removeprefix("/r/")
    mixed = confirm[:2] + token[2:]  # one's purpose with the other's signature
    unknown = sign_link(Purpose.CANCEL, ids.new_id())
    for wrong in (mixed, token[:-1], token + "A", token.swapcase(), "x", "á" * 36, unknown):
        assert (await client.get(f"/r/{wrong}")).status_code == 404, wrong
        assert (await client.post(f"/r/{wrong}", data={})).status_code in (404, 409, 422)
    assert await value("SELECT status FROM appointment") == "booked"


async def test_guesses_are_slowed_down(client: httpx.AsyncClient, here: Case, mailbox: Mailbox) -> None:
    answers = [(await client.get(f"/r/{'A' * 36}")).status_code for _ in range(33)]
    assert answers[0] == 404
    assert answers[-1] == 429


async def test_guesses_slow_no_link_from_the_same_address_down(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    for _ in range(33):
        await client.get(f"/r/{'A' * 36}")
    browser, path = Browser(client), links(mailbox)["Sí"]
    assert (await browser.get(path)).status_code == 200
    assert (await browser.send(path)).status_code == 303
    for _ in range(33):
        assert (await client.get(f"/r/{sign_link(Purpose.CANCEL, ids.new_id())}")).status_code == 404


async def test_it_is_recorded_for_the_time_that_it_was_about(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    browser, path = Browser(client), links(mailbox)["Sí"]
    await browser.get(path)
    await browser.send(path)
    assert await value("SELECT confirmed_start_at = start_at FROM appointment") is True


async def test_the_log_has_no_token(
    client: httpx.AsyncClient, app: FastAPI, here: Case, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    path = links(mailbox)["No"]
    await client.get(path)
    await here.sql("UPDATE unit SET timezone = 'America/Nowhere'")  # a fault of ours
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as careless:
        assert (await careless.get(path)).status_code == 500
    written = "".join(capsys.readouterr())
    assert "/r/{token}" in written
    assert "unhandled_exception" in written
    assert path.removeprefix("/r/") not in written
