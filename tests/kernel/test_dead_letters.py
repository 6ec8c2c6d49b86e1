"""What stopped for one reason is retried or discarded at once, and only what was shown of it."""

import os
import sys

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel import dead_letters
from app.kernel.actor import Role
from app.kernel.dead_letters import DeadLetterGroup
from app.kernel.ids import new_id
from app.kernel.problems import NotFound
from tests import forked
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.mailbox import value

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def stop(events: int = 0, reason: str = "RuntimeError: x", jobs: int = 0, task: str = "test.task") -> None:
    async with kernel_db.transaction() as session:
        for number in range(events):
            await session.execute(
                text(
                    "INSERT INTO dead_letter_event (consumer, event_id, reason, failed_at)"
                    " VALUES ('notifications', :id, :reason, clock_timestamp())"
                ),
                {"id": new_id(), "reason": f"{reason} {number}"},
            )
        for _ in range(jobs):
            await session.execute(
                text(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)"
                    " VALUES ('heavy', :task, 'failed', 6)"
                ),
                {"task": task},
            )


async def groups() -> dict[tuple[str, str, str], DeadLetterGroup]:
    async with kernel_db.reading() as session:
        return {(one.kind, one.name, one.reason): one for one in await dead_letters.groups(session)}


async def test_they_are_grouped_by_kind_name_and_kind_of_error(db: Database) -> None:
    await stop(events=3, jobs=2)
    await stop(events=1, reason="ValueError: y")
    assert {key: one.count for key, one in (await groups()).items()} == {
        ("event", "notifications", "RuntimeError"): 3,
        ("event", "notifications", "ValueError"): 1,
        ("job", "test.task", ""): 2,
    }


@pytest.mark.parametrize("kind", ["event", "job"])
async def test_a_group_is_retried_and_only_what_was_shown(db: Database, kind: str) -> None:
    await stop(events=3, jobs=3)
    await stop(events=1, reason="ValueError: y", jobs=1, task="test.other")
    shown = next(one for one in (await groups()).values() if one.kind == kind and one.count == 3)
    await stop(events=2, jobs=2)  # after the page was made
    async with db.transaction() as session:
        assert await dead_letters.retry_group(session, factories.staff(Role.ADMIN), shown) == 3
        with pytest.raises(NotFound):
            await dead_letters.retry_group(session, factories.staff(Role.ADMIN), shown)
    left = await groups()
    assert left[kind, shown.name, shown.reason].count == 2
    assert len(left) == 4
    again = "SELECT count(*) FROM dead_letter_event WHERE retry_requested"
    if kind == "job":
        again = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND attempts = 0"
    assert await value(again) == 3
    reported = await value("SELECT payload FROM event WHERE type = 'work.group-retried'")
    assert reported == {"kind": kind, "name": shown.name, "reason": shown.reason, "count": 3}


@pytest.mark.parametrize("kind", ["event", "job"])
async def test_a_group_is_discarded(db: Database, kind: str) -> None:
    await stop(events=3, jobs=3)
    shown = next(one for one in (await groups()).values() if one.kind == kind)
    async with db.transaction() as session:
        assert await dead_letters.discard_group(session, factories.staff(Role.ADMIN), shown) == 3
    assert {one.kind for one in (await groups()).values()} == {"event", "job"} - {kind}
    reported = await value("SELECT payload FROM event WHERE type = 'work.group-discarded'")
    assert reported["count"] == 3


async def test_from_the_command_line(db: Database) -> None:
    await stop(events=2, jobs=3)
    address = {"VENTANILLA_DATABASE_URL": db.url.render_as_string(hide_password=False)}

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "app.cli", "dead-letters", *arguments]
        done = forked.run(command, os.environ | address)
        return done.returncode, done.stdout + done.stderr

    assert run("retry", "--kind", "job", "--name", "test.task") == (0, "3 will be tried again by the worker.\n")
    code, said = run("discard", "--kind", "event", "--name", "notifications", "--reason", "RuntimeError")
    assert (code, said) == (0, "2 discarded.\n")
