"""Entries that devices made offline are received, once each, and merged with what is known by then.

What becomes of an entry follows from all that are stored (`rules.offline`), so a batch may come twice, late, or at the
same time as another's: batches of a unit wait for each other.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import OfflineConflictResolved, desk_topic
from app.desk.models import NumberRange, OfflineEntry
from app.desk.problems import AppointmentUnknown, DeviceClockWrong, EntryInFuture, NumberNotReserved, NumberUsed
from app.desk.rules.offline import FUTURE_TOLERANCE, EntryKind, EntryStatus, SentBatch, SentEntry, corrected
from app.desk.rules.tickets import parse_number
from app.desk.rules.turns import Arrival
from app.desk.service.arrivals import Visitor, add_ticket
from app.desk.service.offline_merge import merge_appointment
from app.desk.statements import LOCK_UNIT
from app.identity.permissions import Action, may_at
from app.identity.problems import WrongRole
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.bus import notify
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, KeyReused, NotFound
from app.places.queries import zone_of

OTHER_CONTENT = N_("Ese identificador ya se usó para otra anotación.")
OF_ITSELF = (
    DeviceClockWrong.slug,
    EntryInFuture.slug,
    NumberNotReserved.slug,
    NumberUsed.slug,
    AppointmentUnknown.slug,
)
"""Reasons for which an entry is a conflict whatever other entries say: it isn't merged with them."""


async def receive_entries(session: AsyncSession, actor: Staff, unit_id: UUID, batch: SentBatch) -> list[OfflineEntry]:
    """Store and merge what a device recorded offline; returns each of its entries as it is now.

    Raises:
        WrongRole: the actor doesn't attend people there. NotFound: no such unit. KeyReused: an entry has the id of
        another that says something else; `fields` says which.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise WrongRole
    if (await session.execute(LOCK_UNIT, {"unit_id": unit_id})).one_or_none() is None:
        raise NotFound
    zone = await zone_of(session, unit_id)
    sent = {one.id: one for one in batch.entries}
    theirs = (OfflineEntry.unit_id == unit_id, OfflineEntry.id.in_(sent))
    known = {row.id: row for row in await session.scalars(select(OfflineEntry).where(*theirs))}
    made = [_row(actor, unit_id, batch, one, zone) for one in batch.entries]
    _require_same(made, known)
    new = list({row.id: row for row in made if row.id not in known}.values())
    session.add_all(new)
    await session.flush()
    received = {row.id for row in new}
    for row in sorted(new, key=lambda one: (one.happened_at, one.id)):
        if row.reason is None and row.number is not None:
            row.reason = await _number_problem(session, row, received)
        if row.reason is None and row.kind == EntryKind.NUMBER:
            await _give(session, actor, row)
        row.status = EntryStatus.CONFLICT if row.reason else row.status
        received.remove(row.id)
    await session.flush()
    # In one order, so that two that come for the same people don't wait for each other.
    for folio in sorted({row.folio for row in new if row.folio is not None and row.reason is None}):
        await merge_appointment(session, actor, unit_id, folio, besides=OF_ITSELF)
    if new:
        await notify(session, desk_topic(unit_id))
    found = await session.scalars(select(OfflineEntry).where(*theirs))
    by_id = {row.id: row for row in found}
    return [by_id[one] for one in sent]


SAID = ("device_id", "kind", "folio", "service", "number", "is_protected", "device_at")
"""What a device says in an entry."""


def _require_same(made: Sequence[OfflineEntry], known: Mapping[UUID, OfflineEntry]) -> None:
    """Require that an id which was sent before, or twice, stands for the same."""
    first: dict[UUID, OfflineEntry] = dict(known)
    wrong = []
    for place, row in enumerate(made):
        other = first.setdefault(row.id, row)
        if any(getattr(row, name) != getattr(other, name) for name in SAID):
            wrong.append(FieldError(f"entries.{place}.id", OTHER_CONTENT, "other_content"))
    if wrong:
        raise KeyReused(fields=wrong)


def _row(actor: Staff, unit_id: UUID, batch: SentBatch, sent: SentEntry, zone: str) -> OfflineEntry:
    now = clock.now()
    time = corrected(sent.at, batch.device_now, now)
    reason, folio = time.reason, None
    if sent.folio is not None:
        try:
            folio = ids.parse_folio(sent.folio)
        except ValueError:
            reason, folio = reason or AppointmentUnknown.slug, sent.folio
    return OfflineEntry(
        unit_id=unit_id,
        id=sent.id,
        device_id=batch.device_id,
        kind=sent.kind.value,
        folio=folio,
        service=sent.service,
        number=sent.number,
        is_protected=sent.is_protected,
        device_at=sent.at,
        offset_seconds=round(time.offset / timedelta(seconds=1)),
        happened_at=time.happened_at,
        on_date=clock.local_day(time.happened_at, zone),
        received_at=now,
        staff_id=actor.staff_id,
        status=(EntryStatus.CONFLICT if reason else EntryStatus.APPLIED).value,
        reason=reason,
    )


async def _number_problem(session: AsyncSession, row: OfflineEntry, received: set[UUID]) -> str | None:
    """Why a device can't have given this number; None when it can. `received`: entries that come after this one."""
    parsed = parse_number(row.number or "")
    if parsed is None:
        return NumberNotReserved.slug
    letter, number = parsed
    reserved = select(NumberRange).where(
        NumberRange.unit_id == row.unit_id,
        NumberRange.device_id == row.device_id,
        NumberRange.on_date == row.on_date,
        NumberRange.letter == letter,
        NumberRange.first <= number,
        NumberRange.last >= number,
        # A device can't have given a number before it had it: arrivals decide who is called.
        NumberRange.reserved_at <= row.happened_at + FUTURE_TOLERANCE,
    )
    found = await session.scalar(reserved)
    if found is None or (row.service is not None and found.service != row.service):
        return NumberNotReserved.slug
    same = select(OfflineEntry.id).where(
        OfflineEntry.unit_id == row.unit_id,
        OfflineEntry.on_date == row.on_date,
        OfflineEntry.number == row.number,
        OfflineEntry.id.not_in(received),
        OfflineEntry.reason.is_(None) | OfflineEntry.reason.not_in(OF_ITSELF),
    )
    return NumberUsed.slug if await session.scalar(same.limit(1)) is not None else None


async def _give(session: AsyncSession, actor: Staff, row: OfflineEntry) -> None:
    """The ticket of a person without an appointment, at the place of their corrected arrival."""
    parsed = parse_number(row.number or "")
    if parsed is None or row.service is None:
        return
    arrival = Arrival(row.happened_at, is_protected=row.is_protected)
    made = await add_ticket(session, actor, row.unit_id, Visitor(row.service), arrival, number=parsed[1])
    row.ticket_id = made.id


async def resolve_conflict(session: AsyncSession, actor: Staff, unit_id: UUID, entry_id: UUID) -> OfflineEntry:
    """Staff have dealt with a conflict: it is shown no more. Again, it changes nothing.

    Raises:
        NotFound: no such conflict at the actor's units.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    row = await session.get(OfflineEntry, (unit_id, entry_id), with_for_update=True)
    if row is None or row.reason is None:
        raise NotFound
    if row.resolved_at is None:
        row.resolved_at, row.resolved_by = clock.now(), actor.staff_id
        await session.flush()
        event = OfflineConflictResolved(subject_id=row.id, unit_id=unit_id, reason=row.reason)
        await record(session, actor, event)
    return row
