"""What people of the wait list are sent: an offer with its link, a pause, and nothing of what is over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from app.notifications.offer_links import parse_offer_link
from tests.conftest import Database
from tests.notifications.mailbox import Mailbox, advance_time, open_mailbox, plain, value
from tests.notifications.waiting import MORNING, Waits, offer_link, waits

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as moved:
        yield moved


@pytest.fixture
async def here(db: Database, traveller: time_machine.Traveller, mailbox: Mailbox) -> Waits:
    return await waits(db)


async def test_an_offer_is_sent_with_what_it_replaces_and_one_link(here: Waits, mailbox: Mailbox) -> None:
    await here.free()
    await here.work()
    mail = mailbox.got[-1]
    body = plain(mail)
    assert mail["Subject"] == "Hay un horario para usted: miércoles 7 de octubre de 2026, 9:00 a.m."
    for words in (
        "usted es la siguiente persona",
        "en lugar de su cita del miércoles 7 de octubre de 2026, 9:15 a.m.",
        "9:30",
    ):
        assert words in body
    assert body.count("/r/h/") == 1
    assert "Ana" not in str(mail["Subject"])
    stored = await value("SELECT body FROM message WHERE kind = 'wait-offer.made'")
    assert stored is None, "the link isn't stored"


async def test_an_offer_that_is_over_isnt_sent(
    here: Waits, mailbox: Mailbox, traveller: time_machine.Traveller
) -> None:
    mailbox.say = "450 later"
    await here.free()
    await here.work()
    assert await value("SELECT answer FROM wait_offer") is None
    mailbox.say = "250 OK"
    traveller.shift(timedelta(minutes=31))
    await advance_time()
    await here.work()
    assert [one["Subject"] for one in mailbox.got if "liberó" in str(one["Subject"])] == []
    assert await value("SELECT status FROM message WHERE kind = 'wait-offer.made'") == "dropped"


async def test_who_has_no_contact_is_passed_over_at_once(
    db: Database, traveller: time_machine.Traveller, mailbox: Mailbox
) -> None:
    here = await waits(db, email=None)
    await here.add(email="eva@ejemplo.mx", at=2)
    await here.free()
    await here.work()
    answers = await value("SELECT string_agg(coalesce(answer, 'open'), ' ' ORDER BY made_at) FROM wait_offer")
    assert answers == "unreachable open"
    assert mailbox.got[-1]["To"] == "eva@ejemplo.mx"
    assert await value("SELECT status FROM wait_entry WHERE ignored = 0 AND status = 'paused'") == "paused"
    assert await value("SELECT count(*) FROM unaddressed_notice") == 1, "staff pass on that it is paused"


async def test_a_refused_message_passes_the_offer_on(here: Waits, mailbox: Mailbox) -> None:
    mailbox.say = "550 no such person"
    await here.free()
    await here.work()
    assert await value("SELECT answer FROM wait_offer") == "unreachable"
    assert await value("SELECT status FROM wait_entry") == "paused"


async def test_a_pause_after_three_ignored_offers_is_sent(
    here: Waits, mailbox: Mailbox, traveller: time_machine.Traveller
) -> None:
    await here.sql("UPDATE wait_entry SET ignored = 2")
    await here.free()
    await here.work()
    traveller.shift(timedelta(minutes=31))
    await here.look()
    await here.work()
    assert mailbox.got[-1]["Subject"] == "Su lista de espera está en pausa"
    assert "/mi/avisos" in plain(mailbox.got[-1])


async def test_the_link_is_found_in_the_mail(here: Waits, mailbox: Mailbox) -> None:
    await here.free()
    await here.work()
    message_id = await value("SELECT id FROM message WHERE kind = 'wait-offer.made'")
    assert parse_offer_link(offer_link(mailbox).rsplit("/", 1)[-1]) == message_id
