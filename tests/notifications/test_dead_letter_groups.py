"""What could not be delivered for one reason is retried or dismissed at once: only what was shown, in batches, and a
run that is killed can be repeated."""

import asyncio
import os
import sys

import pytest

from app.identity.problems import WrongRole
from app.kernel import db as kernel_db
from app.kernel.actor import Role
from app.notifications import dead_letter_groups
from app.notifications.dead_letter_groups import MessageGroup
from app.notifications.problems import CodeNotRetried
from tests import forked
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_dead_letters
from tests.notifications.mailbox import value

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

ADMIN = factories.staff(Role.ADMIN)


async def groups() -> list[MessageGroup]:
    async with kernel_db.reading() as session:
        return await dead_letter_groups.list_groups(session)


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(dead_letter_groups, "BATCH", 2)
    return 2


async def test_they_are_grouped_by_kind_channel_and_reason_without_naming_anyone(db: Database) -> None:
    await add_dead_letters(3)
    await add_dead_letters(2, error="550 5.1.1 <ana@ejemplo.mx>: no such user")
    await add_dead_letters(1, error="550 5.1.1 <eva@ejemplo.mx>: no such user")
    await add_dead_letters(1, channel="sms", error="ConnectTimeout: ")
    await add_dead_letters(1, kind="code.requested", error="El código venció o se usó antes de poder enviarse.")
    assert [(one.kind, one.channel, one.reason, one.count, one.may_retry) for one in await groups()] == [
        ("appointment.booked", "email", "550", 3, True),
        ("appointment.booked", "email", "SMTPConnectError", 3, True),
        ("appointment.booked", "sms", "ConnectTimeout", 1, True),
        ("code.requested", "email", "El código venció o se usó antes de poder enviarse.", 1, False),
    ]


async def test_a_group_is_retried_up_to_the_newest_shown(db: Database) -> None:
    await add_dead_letters(3)
    await add_dead_letters(1, error="550 no")
    shown = next(one for one in await groups() if one.count == 3)
    await add_dead_letters(2)
    async with db.transaction() as session:
        picked = await dead_letter_groups.lock_batch(session, shown)
        assert (len(picked.ids), picked.count) == (3, 3)
        with pytest.raises(WrongRole):
            await dead_letter_groups.retry_batch(session, factories.staff(Role.SUPERVISOR), shown, picked)
        await dead_letter_groups.retry_batch(session, ADMIN, shown, picked)
    assert await value("SELECT count(*) FROM message WHERE status = 'pending' AND attempts = 0") == 3
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.send' AND queue_name = :q"
    assert await value(jobs.replace(":q", "'messages-email'")) == 3
    assert sorted(one.count for one in await groups()) == [1, 2]
    assert await value("SELECT payload FROM event WHERE type = 'message.group-retried'") == {
        "kind": "appointment.booked", "by": "email", "reason": "SMTPConnectError", "count": 3,
    }  # fmt: skip


async def test_a_group_is_dismissed_in_batches(db: Database, batch: int) -> None:
    await add_dead_letters(5)
    (shown,) = await groups()
    for left in (5, 3, 1):
        async with db.transaction() as session:
            picked = await dead_letter_groups.lock_batch(session, shown)
            assert (len(picked.ids), picked.count) == (min(left, batch), left)
            await dead_letter_groups.resolve_batch(session, ADMIN, shown, picked)
    assert await groups() == []
    assert await value("SELECT sum((payload ->> 'count')::int) FROM event WHERE type = 'message.group-resolved'") == 5


async def test_two_administrators_take_each_message_once(db: Database) -> None:
    await add_dead_letters(20)
    (shown,) = await groups()

    async def retry() -> int:
        async with kernel_db.transaction() as session:
            picked = await dead_letter_groups.lock_batch(session, shown)
            if picked.ids:
                await dead_letter_groups.retry_batch(session, ADMIN, shown, picked)
            return len(picked.ids)

    assert sorted(await asyncio.gather(retry(), retry())) == [0, 20]
    assert await value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.send'") == 20


async def test_sign_in_codes_are_not_sent_later(db: Database) -> None:
    await add_dead_letters(1, kind="code.requested")
    (shown,) = await groups()
    async with db.transaction() as session:
        picked = await dead_letter_groups.lock_batch(session, shown)
        with pytest.raises(CodeNotRetried):
            await dead_letter_groups.retry_batch(session, ADMIN, shown, picked)
        await dead_letter_groups.resolve_batch(session, ADMIN, shown, picked)
    assert await groups() == []


async def test_from_the_command_line_and_again_after_a_kill(db: Database) -> None:
    await add_dead_letters(3)
    await add_dead_letters(2, error="550 no")
    await add_dead_letters(1, kind="code.requested")
    address = {"VENTANILLA_DATABASE_URL": db.url.render_as_string(hide_password=False)}
    small = "import app.notifications.dead_letter_groups as g; g.BATCH = 1; "
    killed = (
        small + "import os; keep = g.retry_batch; done = []\n"
        "async def retry(*given):\n"
        "    if done: os._exit(9)\n"
        "    done.append(await keep(*given))\n"
        "g.retry_batch = retry\n"
    )
    run_cli = "from app.cli import cli; cli()"

    def run(code: str, *arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-c", code + run_cli, *arguments]
        done = forked.run(command, os.environ | address)
        return done.returncode, done.stdout + done.stderr

    chosen = ("--reason", "SMTPConnectError")
    assert run(killed, "messages", "retry", *chosen)[0] == 9
    assert await value("SELECT count(*) FROM message WHERE status = 'pending'") == 1
    assert run(small, "messages", "retry", *chosen) == (0, "2 will be sent again by the worker.\n")
    assert await value("SELECT count(*) FROM message WHERE status = 'pending'") == 3
    code, said = run("", "messages", "list")
    assert (code, "2  appointment.booked  email  550" in said) == (0, True)
    assert run("", "messages", "resolve")[0] != 0
    assert run("", "messages", "resolve", "--kind", "appointment.booked") == (0, "2 resolved.\n")
    assert run("", "messages", "resolve", "--kind", "code.requested") == (0, "1 resolved.\n")
    assert await groups() == []
