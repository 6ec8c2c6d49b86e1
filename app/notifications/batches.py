"""Deliver many reminders: claimed together, sent side by side, recorded together.

How many may be claimed at once is limited for each channel in a process: those are what a process that dies leaves
uncertain. A message takes a place before it is claimed, and leaves it when what became of it is stored.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import update

from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.db_errors import is_database_unavailable
from app.kernel.events import record_all
from app.notifications import reliability, service
from app.notifications.composers import reminders as composer
from app.notifications.composers.notices import MessageText
from app.notifications.connections import shared_connections
from app.notifications.contacts import EMAIL, SMS
from app.notifications.events import MessageSent
from app.notifications.message_texts import text_of
from app.notifications.models import Message
from app.notifications.settings import messaging_settings

log = structlog.get_logger(__name__)

PLACES = {EMAIL: 12, SMS: 40}
"""Claimed at once by a process."""
SENT = "sent"
GATHER_SECONDS = 0.01
"""How long places that become free are waited for, so that more are claimed by one transaction."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message of a reminder that is stored and not sent yet."""

    message_id: UUID
    reminder_id: UUID
    person_id: UUID
    channel: str


class Places:
    """Places for a number of messages; who waits first takes all that are free."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = asyncio.Semaphore(count)
        self._turn = asyncio.Lock()

    async def take(self, most: int) -> int:
        """Take at least one place, and at most this number."""
        async with self._turn:
            is_busy = self._free.locked()
            await self._free.acquire()
            if is_busy:
                await asyncio.sleep(GATHER_SECONDS)
            taken = 1
            while taken < most and not self._free.locked():
                await self._free.acquire()
                taken += 1
            return taken

    def leave(self, count: int = 1) -> None:
        for _ in range(count):
            self._free.release()


_places: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Places]] = WeakKeyDictionary()


def _places_of(channel: str) -> Places:
    mine = _places.setdefault(asyncio.get_running_loop(), {})
    return mine.setdefault(channel, Places(PLACES[channel]))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process is about to hand over, with its text."""

    message: Message
    content: MessageText


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was handed over."""

    message: Message
    content: MessageText
    stored: "asyncio.Future[None]"


class Recorder:
    """Stores that messages were sent: those that come while a transaction is running share the next."""

    def __init__(self) -> None:
        self._waiting: list[Sent] = []
        self._running: asyncio.Task[None] | None = None

    async def store(self, message: Message, how: str, content: MessageText) -> None:
        """Return once it is stored. If the database is down, it is asked again (`service.attempt`)."""
        if how != SENT:  # its text is stored too
            await service.mark_sent(message, how, content)
            return
        sent = Sent(message, content, asyncio.get_running_loop().create_future())
        self._waiting.append(sent)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await sent.stored

    async def _run(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, []
            try:
                await _store(some)
            except Exception as error:  # noqa: BLE001 # given to each that waits
                failure: Exception | None = error
            else:
                failure = None
            for one in some:
                if failure is not None and not one.stored.done():
                    one.stored.set_exception(failure)
                elif not one.stored.done():
                    one.stored.set_result(None)
        self._running = None


async def _store(done: Sequence[Sent]) -> None:
    """Store that these were sent, in one transaction."""
    by_text: dict[tuple[str, int | None], list[UUID]] = {}
    for one in done:
        by_text.setdefault((one.content.template, one.content.version), []).append(one.message.id)
    messages = [one.message for one in done]
    async with transaction() as session:
        for (template, version), ids in by_text.items():
            values = {"status": SENT, "sent_at": clock.now(), "last_error": None, "sending_at": None}
            mine = (Message.id.in_(ids), Message.status.in_(("pending", "dead-letter")))
            stored = update(Message).where(*mine).values(**values, template=template, template_version=version)
            await session.execute(stored)
        await reliability.note_successes(session, messages)
        sent = [
            MessageSent(subject_id=one.id, person_id=one.person_id, kind=one.kind, by=one.channel) for one in messages
        ]
        await record_all(session, *((service.SYSTEM, one) for one in sent))


async def deliver_all(written: Sequence[Written]) -> list[Exception]:
    """Deliver these messages; one that fails or hangs keeps none of the others back. Returns what failed."""
    run = _Run()
    async with shared_connections(), asyncio.TaskGroup() as group:
        for channel in PLACES:
            group.create_task(run.deliver(group, [one for one in written if one.channel == channel]))
    return run.failures


class _Run:
    """The messages of one job."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self._recorder = Recorder()

    async def deliver(self, group: asyncio.TaskGroup, written: Sequence[Written]) -> None:
        """Claim one for each free place, send them, go on with the next."""
        left = list(written)
        while left:
            places = _places_of(left[0].channel)
            count = await places.take(len(left))
            some, left = left[:count], left[count:]
            begun = 0
            async with self._noted():
                try:
                    ready, others = await _claim(some)
                    for one in ready:
                        group.create_task(self._send(places, one))
                    for message_id in others:
                        group.create_task(self._send_alone(places, message_id))
                    begun = len(ready) + len(others)
                finally:
                    places.leave(count - begun)

    async def _send(self, places: Places, one: Claimed) -> None:
        try:
            async with self._noted():
                await service.attempt(messaging_settings(), one.message, one.content, self._recorder.store)
        finally:
            places.leave()

    async def _send_alone(self, places: Places, message_id: UUID) -> None:
        try:
            async with self._noted():
                await service.deliver(message_id)
        finally:
            places.leave()

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 # the others go on; the job fails with it in the end
            self.failures.append(error)


async def _claim(some: Sequence[Written]) -> tuple[list[Claimed], list[UUID]]:
    """Claim messages and render their texts together. Those that can't be are returned apart, to be delivered each by
    itself: another process has claimed them, or one of them fails."""
    try:
        return await _claim_and_render(some)
    except Exception as error:
        if is_database_unavailable(error):
            raise
        log.warning("batch_not_claimed", messages=len(some), error=type(error).__name__, exc_info=error)
        return [], [one.message_id for one in some]


async def _claim_and_render(some: Sequence[Written]) -> tuple[list[Claimed], list[UUID]]:
    async with transaction() as session:
        await composer.preload(session, [one.reminder_id for one in some], [one.person_id for one in some])
        messages = await service.claim(session, [one.message_id for one in some])
        found = [(message, await text_of(session, message)) for message in messages]
    known = {message.id for message in messages}
    others = [one.message_id for one in some if one.message_id not in known]
    return [Claimed(message, content) for message, content in found if content is not None], others
