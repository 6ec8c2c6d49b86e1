"""A server killed between a call and its answer: the ticket was called once, and its counter gets it on asking."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.desk.events import TicketCalled
from app.desk.models import DeskTicket
from app.identity.tokens import STAFF, issue_access_token
from app.kernel.events import EventRow
from tests.conftest import Database
from tests.desk.factories import Clinic, clinic, open_all, walk_in
from tests.portal import Portal, running

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

COUNTERS = 30


@pytest.fixture
def portal(db: Database, tmp_path: Path) -> Iterator[Portal]:
    with running(db.url, tmp_path / "portal.log", jobs=False) as portal:
        yield portal


async def a_clinic(db: Database) -> Clinic:
    async with db.transaction() as session:
        here = await clinic(session, COUNTERS)
        await open_all(session, here)
        for _ in range(COUNTERS + 10):
            await walk_in(session, here)
    return here


def head(here: Clinic, n: int) -> dict[str, str]:
    token = issue_access_token(STAFF, here.staff[n].staff_id)[0]
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": f"counter-{n:03d}"}


def call(portal: Portal, here: Clinic, n: int) -> Any:
    """A counter calls, each time with the same key."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=20)
    try:
        connection.request("POST", "/api/v1/desk/counter/calls", headers=head(here, n))
        answer = connection.getresponse()
        return json.loads(answer.read())["id"]
    finally:
        connection.close()


def call_once(portal: Portal, here: Clinic, n: int, answers: dict[int, str]) -> None:
    """The answer is kept if it comes."""
    with suppress(OSError, http.client.HTTPException, ValueError):
        answers[n] = call(portal, here, n)


async def test_a_call_whose_answer_was_lost_is_made_once(db: Database, portal: Portal) -> None:
    here = await a_clinic(db)
    answers: dict[int, str] = {}
    calling = [threading.Thread(target=call_once, args=(portal, here, n, answers)) for n in range(COUNTERS)]
    for thread in calling:
        thread.start()
    deadline = time.monotonic() + 20
    while await called(db) == 0:
        assert time.monotonic() < deadline
    portal.kill_web()
    for thread in calling:
        thread.join()
    before = await called(db)
    portal.start_web()
    after = {n: call(portal, here, n) for n in range(COUNTERS)}
    assert before > 0
    assert {n: after[n] for n in answers} == answers
    assert len(set(after.values())) == COUNTERS
    assert await called(db) == COUNTERS
    async with db.transaction() as session:
        at_counters = select(func.count()).select_from(DeskTicket).where(DeskTicket.counter.is_not(None))
        assert await session.scalar(at_counters) == COUNTERS


async def called(db: Database) -> int:
    """How often a ticket was called."""
    async with db.transaction() as session:
        found = select(func.count()).select_from(EventRow).where(EventRow.type == TicketCalled.type)
        return int(await session.scalar(found) or 0)
