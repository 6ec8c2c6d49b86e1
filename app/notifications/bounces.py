"""Use cases of bounces: read delivery status notifications from a mailbox, or one that a mail server posts."""

import asyncio
import mailbox
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from io import BytesIO
from pathlib import Path

import structlog

from app.documents.inspection import on_disk
from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.sandbox import client
from app.kernel.sandbox.client import CostLimitExceeded
from app.kernel.sandbox.server import MEGABYTE, Limits
from app.notifications import bounce_parsing, return_paths
from app.notifications.delivery_rules import Report, report_kind_of
from app.notifications.reports import apply_report
from app.notifications.settings import messaging_settings

log = structlog.get_logger(__name__)

MODULE = "app.notifications.bounce_parsing"
PARSE = f"{MODULE}:parse"
LIMITS = Limits(memory=256 * MEGABYTE, cpu=2, wall=5.0, written=0)
AT_ONCE = 200
client.register(MODULE)


class Bounce(StrEnum):
    """What came of a mail in the mailbox of bounces."""

    RECORDED = "recorded"
    NOT_A_REPORT = "not-a-report"
    NOT_OURS = "not-ours"
    """It names no message with a token of ours: a forgery, or a message deleted long ago."""
    UNREADABLE = "unreadable"


async def take_bounce(data: bytes) -> Bounce:
    """Read a mail and record what it reports. Repeated, it changes nothing.

    Raises:
        SandboxUnavailable, StorageUnavailable: it can't be read now.
    """
    if len(data) > bounce_parsing.LONGEST:
        return Bounce.UNREADABLE
    try:
        async with on_disk(BytesIO(data)) as (source, target):
            found = await client.run(PARSE, source, target, LIMITS)
    except (CostLimitExceeded, RuntimeError):
        return Bounce.UNREADABLE
    kinds = [(report_kind_of(one["action"], one["status"]), one["status"]) for one in found["reports"]]
    reports = [(kind, status) for kind, status in kinds if kind is not None]
    if not reports:
        return Bounce.NOT_A_REPORT
    message_id = return_paths.message_id_of(found["addresses"])
    if message_id is None:
        return Bounce.NOT_OURS
    at = datetime.fromisoformat(found["date"]) if found["date"] else clock.now()
    is_known = False
    async with transaction() as session:
        for kind, status in reports:
            is_known = await apply_report(session, message_id, Report(kind, at, status or None))
    return Bounce.RECORDED if is_known else Bounce.NOT_OURS


async def read_mailbox() -> None:
    """Read the mailbox of the settings, the oldest first, and delete each mail once what it reports is stored."""
    path = messaging_settings().bounce_mailbox
    if path is None or not path.exists():
        return
    counts: Counter[str] = Counter()
    for data, delete in await asyncio.to_thread(_mails, path):
        counts[(await take_bounce(data)).value] += 1
        await asyncio.to_thread(delete)
    if counts:
        log.info("bounces_read", **{name.replace("-", "_"): count for name, count in sorted(counts.items())})


Mail = tuple[bytes, Callable[[], None]]


def _mails(path: Path) -> list[Mail]:
    return list(_of_folder(path) if path.is_dir() else _of_file(path))


def _of_folder(path: Path) -> Iterator[Mail]:
    """Mails of a Maildir, each a file."""
    files = [file for name in ("new", "cur") for file in (path / name).glob("*") if file.is_file()]
    for file in sorted(files, key=lambda one: one.name)[:AT_ONCE]:
        with file.open("rb") as opened:
            data = opened.read(bounce_parsing.LONGEST + 1)
        yield data, partial(file.unlink, missing_ok=True)


def _of_file(path: Path) -> Iterator[Mail]:
    """Mails of an mbox file, which is locked for each deletion, as programs that deliver to it lock it."""
    opened = mailbox.mbox(path, create=False)
    try:
        found = [(key, opened.get_bytes(key)) for key in list(opened.keys())[:AT_ONCE]]
    finally:
        opened.close()
    for _key, data in found:
        yield data, partial(_delete, path, data)


def _delete(path: Path, data: bytes) -> None:
    box = mailbox.mbox(path, create=False)
    box.lock()
    try:
        for key in list(box.keys()):
            if box.get_bytes(key) == data:
                box.remove(key)
                break
        box.flush()
    finally:
        box.unlock()
        box.close()
