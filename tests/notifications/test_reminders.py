"""Appointments are reminded of once per moment, by the person's channel, when people are awake, while they stand."""

import asyncio
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from app.appointments.service import confirmation, reschedule
from app.appointments.service.reschedule import NewTime
from app.kernel import db as kernel_db
from app.kernel.settings import forget_settings
from app.notifications import reminder_queue, service
from app.notifications.reminder_rules import Moment
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.gateway import Gateway
from tests.notifications.mailbox import Mailbox, advance_time, plain, value
from tests.notifications.reminding import Case, case, choose, local, reminders, set_language, work

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


def body(mailbox: Mailbox, number: int = -1) -> str:
    return plain(mailbox.got[number])


async def test_three_days_and_one_day_before_once_each(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    assert await here.remind(here.before(5)) == 0
    assert await here.remind(here.before(3, 8, 58)) == 0, "not yet"
    assert await here.remind(here.before(3)) == 1
    assert await here.remind(here.before(3, 9, 7)) == 0
    assert await here.remind(here.before(1)) == 1
    assert await here.remind(here.before(0, 6)) == 0, "three hours before is by preference"
    assert [mail["Subject"].startswith("Recordatorio de su cita") for mail in mailbox.got] == [True, True]
    assert "Sí voy: http" in body(mailbox)
    assert here.folio in body(mailbox)
    assert await value("SELECT count(*) FROM message WHERE body IS NOT NULL AND kind = 'appointment.reminder'") == 0, (
        "the links are stored nowhere"
    )


async def test_three_hours_before_and_other_moments_by_preference(db: Database, mailbox: Mailbox) -> None:
    here = await case(db, hour=15)
    await choose(here, Moment.HOURS_3)
    await here.remind(here.before(3, 15))
    await here.remind(here.before(1, 15))
    assert mailbox.got == []
    await here.remind(here.before(0, 12))
    assert len(mailbox.got) == 1


async def test_what_would_be_at_night_leaves_the_evening_before(db: Database, mailbox: Mailbox) -> None:
    here = await case(db, hour=7)
    assert await here.remind(here.before(2, 20, 25)) == 1, "the day before at seven is night; three days before was too"
    assert await here.remind(here.before(2, 20, 32)) == 1
    assert len(mailbox.got) == 2


async def test_at_night_nothing_leaves_and_in_the_morning_what_is_useful(db: Database, mailbox: Mailbox) -> None:
    here = await case(db, hour=20)
    with time_machine.travel(here.before(1, 20, 58), tick=True):
        assert await here.tick() == 1
    with time_machine.travel(here.before(1, 23), tick=True):
        await work()
    assert mailbox.got == []
    with time_machine.travel(here.before(0, 7, 55), tick=True):
        assert await here.tick() == 0
    assert await here.remind(here.before(0, 8, 5)) == 1
    assert len(mailbox.got) == 1


async def test_by_text_message_in_the_language_of_the_account(db: Database, mailbox: Mailbox, gateway: Gateway) -> None:
    here = await case(db, phone="+525512345678")
    await set_language(here, "en")
    await choose(here, Moment.DAY_1, channel="sms")
    await here.remind(here.before(1))
    assert mailbox.got == []
    (sent,) = gateway.sent.values()
    assert sent["to"] == "+525512345678"
    assert sent["id"] == sent["key"].strip('"') == str(await value("SELECT id FROM message WHERE channel = 'sms'"))
    assert "Your appointment" in sent["text"]
    assert "/en/r/" in sent["text"]
    assert len(sent["text"]) <= 160


@pytest.mark.parametrize("change", ["cancelled", "affected", "moved"])
@pytest.mark.parametrize("is_queued", [False, True])
async def test_what_changed_meanwhile_is_dropped(db: Database, mailbox: Mailbox, change: str, is_queued: bool) -> None:
    here = await case(db)
    with time_machine.travel(here.before(3), tick=True):
        if is_queued:
            assert await here.tick() == 1
        await _change(here, change)
        assert await here.tick() == 0
        await work()
    assert mailbox.got == []
    assert await value("SELECT count(*) FROM reminder WHERE status = 'dropped'") == int(is_queued)


async def _change(here: Case, change: str) -> None:
    if change == "affected":
        await here.sql("UPDATE appointment SET affected = 'leave'")
        return
    async with here.db.transaction() as session:
        actor = factories.citizen(here.ana)
        if change == "cancelled":
            await reschedule.cancel(session, actor, here.folio, "other", factories.once())
        else:
            to = NewTime(1, here.start_at + timedelta(minutes=15))
            await reschedule.move(session, actor, here.folio, to, factories.once())


async def test_what_changes_between_tries_is_dropped(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    mailbox.say = "451 4.3.0 Try again later"
    with time_machine.travel(here.before(3), tick=True):
        await here.tick()
        await work()
        assert await value("SELECT status FROM message WHERE kind = 'appointment.reminder'") == "pending"
        await _change(here, "cancelled")
        mailbox.say = "250 OK"
        await advance_time()
        await work()
    assert mailbox.got == []
    assert await value("SELECT status FROM message WHERE kind = 'appointment.reminder'") == "dropped"


async def test_booked_later_than_a_moment_has_no_reminder_of_it(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    await here.sql("UPDATE appointment SET changed_at = :at", at=here.before(3, 9, 1))
    assert await here.remind(here.before(3)) == 0
    assert await here.remind(here.before(1)) == 1


async def test_after_an_outage_only_the_latest_moment_is_sent(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    await here.remind(here.before(5))
    assert await here.remind(here.before(1, 12)) == 1
    assert await value("SELECT moment FROM reminder") == "day-1"
    assert await here.remind(local(here.day, 9, 1)) == 0, "the appointment began"


async def test_two_workers_enqueue_none_twice(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    with time_machine.travel(here.before(3), tick=True):
        counts = await asyncio.gather(*(here.tick() for _ in range(4)))
        await here.sql("UPDATE reminder_progress SET until = until - interval '1 hour'")
        assert await here.tick() == 0, "its row is there"
        await work()
    assert sum(counts) == 1
    assert len(mailbox.got) == 1


async def _enqueue_and_die(here: Case) -> None:
    async with here.db.transaction() as session:
        assert (await reminder_queue.enqueue_some(session, here.before(3))).reminders == 1
        raise RuntimeError("killed before the commit")


async def test_the_row_is_there_when_its_job_is(db: Database) -> None:
    here = await case(db)
    with time_machine.travel(here.before(3), tick=True):
        await here.tick()
        await here.sql("DELETE FROM reminder")
        await here.sql("UPDATE reminder_progress SET until = until - interval '1 hour'")
        with pytest.raises(RuntimeError, match="killed"):
            await _enqueue_and_die(here)
        assert await value("SELECT count(*) FROM reminder") == 0
        assert await value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.remind'") == 1


@pytest.mark.parametrize(("drops_duplicates", "copies"), [(False, 1), (True, 2)])
async def test_a_mail_whose_answer_was_lost_is_sent_again_only_where_the_server_drops_duplicates(
    db: Database, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, drops_duplicates: bool, copies: int
) -> None:
    monkeypatch.setenv("VENTANILLA_SMTP_DEDUPLICATES", str(drops_duplicates).lower())
    forget_settings()
    here = await case(db)
    mailbox.drop_after_data = True
    with time_machine.travel(here.before(3), tick=True):
        await here.tick()
        await work()
        mailbox.drop_after_data = False
        await advance_time()
        await work()
    assert len(mailbox.got) == copies
    assert len({one["Message-ID"] for one in mailbox.got}) == 1
    status = await value("SELECT status FROM message WHERE kind = 'appointment.reminder'")
    assert status == ("sent" if drops_duplicates else "uncertain")


async def test_a_worker_that_died_between_sending_and_committing(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    with time_machine.travel(here.before(3), tick=True):
        await here.tick()
        await work()
    # The mail left; what the worker would have written did not.
    await here.sql("UPDATE message SET status = 'pending', sent_at = NULL, sending_at = :at", at=here.before(3))
    with time_machine.travel(here.before(3) + service.CLAIM_TIMEOUT + timedelta(minutes=1), tick=True):
        message = await value("SELECT id FROM message WHERE kind = 'appointment.reminder'")
        await service.deliver(message)
    assert len(mailbox.got) == 1
    assert await value("SELECT status FROM message WHERE kind = 'appointment.reminder'") == "uncertain"


async def test_no_contact_no_message(db: Database, mailbox: Mailbox) -> None:
    here = await case(db, email=None)
    await here.remind(here.before(3))
    assert await reminders() == 0
    assert await value("SELECT status FROM reminder") == "dropped"


async def test_confirming_keeps_reminders(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    async with db.transaction() as session:
        await confirmation.confirm(session, factories.citizen(here.ana), here.folio)
        await confirmation.confirm(session, factories.citizen(here.ana), here.folio)
    assert await value("SELECT count(*) FROM event WHERE type = 'appointment.confirmed'") == 1
    assert await here.remind(here.before(1)) == 1


async def test_progress_is_kept_by_unit(db: Database) -> None:
    await case(db)
    await case(db)
    await reminder_queue.enqueue_due()
    async with kernel_db.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM reminder_progress")) == 2


async def test_one_that_is_tried_again_at_night_waits_for_the_morning(db: Database, mailbox: Mailbox) -> None:
    here = await case(db, hour=20)
    mailbox.say = "451 4.3.0 Try again later"
    await here.remind(here.before(1, 20))
    mailbox.say = "250 OK"
    with time_machine.travel(here.before(1, 23), tick=True):
        await service.deliver(await value("SELECT id FROM message WHERE kind = 'appointment.reminder'"))
    assert mailbox.got == []
    assert await value("SELECT status FROM reminder") == "waiting"
    assert await value("SELECT attempts FROM message WHERE kind = 'appointment.reminder'") == 1
    assert await here.remind(here.before(0, 8, 5)) == 1
    assert len(mailbox.got) == 1
