"""A server killed between receiving what devices recorded offline and answering: sent again, it counts once."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.desk.models import DeskTicket, OfflineEntry
from app.desk.service.number_ranges import reserve_numbers
from app.identity.tokens import STAFF, issue_access_token
from app.kernel import clock, ids
from tests.conftest import Database
from tests.desk.factories import SERVICE, Clinic, clinic
from tests.portal import Portal, running

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

DEVICES, BATCHES, ENTRIES = 4, 5, 4


@pytest.fixture
def portal(db: Database, tmp_path: Path) -> Iterator[Portal]:
    with running(db.url, tmp_path / "portal.log", jobs=False) as portal:
        yield portal


def batch(device: UUID, at: datetime, numbers: range) -> dict[str, Any]:
    given = [{"service": SERVICE, "number": f"A-{number:03d}"} for number in numbers]
    entries = [{"id": str(ids.new_id()), "kind": "number", "at": at.isoformat()} | one for one in given]
    return {"device_id": str(device), "entries": entries}


def send(portal: Portal, here: Clinic, sent: dict[str, Any]) -> list[str]:
    """Each time with the clock of that moment; returns what became of each entry."""
    body = json.dumps(sent | {"device_now": clock.now().isoformat()})
    token = issue_access_token(STAFF, here.desk.staff_id)[0]
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=20)
    try:
        connection.request("POST", f"/api/v1/desk/units/{here.unit.id}/offline-entries", body, head)
        return [one["status"] for one in json.loads(connection.getresponse().read())]
    finally:
        connection.close()


async def count(db: Database, table: type[DeskTicket] | type[OfflineEntry]) -> int:
    async with db.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_batch_whose_answer_was_lost_counts_once(db: Database, portal: Portal) -> None:
    batches = []
    async with db.transaction() as session:
        here = await clinic(session)
        for _device in range(DEVICES):
            device = ids.new_id()
            made = await reserve_numbers(session, here.desk, here.unit.id, device, SERVICE, BATCHES * ENTRIES)
            numbers = range(made.first, made.last + 1)
            at = clock.now() - timedelta(seconds=1)
            batches += [batch(device, at, numbers[n : n + ENTRIES]) for n in range(0, len(numbers), ENTRIES)]

    def once(sent: dict[str, Any]) -> None:
        with suppress(OSError, http.client.HTTPException, ValueError):
            send(portal, here, sent)

    sending = [threading.Thread(target=once, args=(sent,)) for sent in batches]
    for thread in sending:
        thread.start()
    deadline = time.monotonic() + 20
    while await count(db, OfflineEntry) == 0:
        assert time.monotonic() < deadline
    portal.kill_web()
    for thread in sending:
        thread.join()
    before = await count(db, OfflineEntry)
    assert before > 0
    assert before % ENTRIES == 0, "a batch is received whole"
    portal.start_web()
    assert [send(portal, here, sent) for sent in batches] == [["applied"] * ENTRIES] * len(batches)
    total = DEVICES * BATCHES * ENTRIES
    assert (await count(db, OfflineEntry), await count(db, DeskTicket)) == (total, total)
