"""The merge of what devices recorded offline: a function of the set of entries, so that neither the order in which they
arrive nor their repetition changes the result, and each ends as applied, merged into another, or as a conflict.

The entries of one appointment are merged together (`merge`); a number given without an appointment is a ticket of its
own. The earliest arrival of a person holds. A number given online holds before those given offline, because counters
and boards have shown it; among these, that of the earliest arrival.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.desk import problems

MAX_OFFSET = timedelta(hours=12)
"""A clock that is more wrong than this can't be corrected: not even the day of its entries would be sure."""
LATENCY = timedelta(seconds=5)
"""What a batch takes to arrive: a smaller difference of the clocks is no error of one of them."""
FUTURE_TOLERANCE = timedelta(minutes=1)
"""How far after the device's own now an entry may be: two readings of one clock, which is adjusted in small steps."""


class EntryKind(StrEnum):
    """What a device records offline."""

    NUMBER = "number"
    """A number given to a person without an appointment."""
    CHECK_IN = "check-in"
    ATTENDED = "attended"
    MISSED = "missed"


class EntryStatus(StrEnum):
    """What became of an entry."""

    APPLIED = "applied"
    MERGED = "merged"
    """It says what was recorded already: by another device, or online."""
    CONFLICT = "conflict"
    """It can't hold beside what else is known; staff decide what to do."""


@dataclass(frozen=True, slots=True)
class SentEntry:
    """An entry as its device sent it, at the time of the device's clock."""

    id: UUID
    kind: EntryKind
    at: datetime
    folio: str | None = None
    service: str | None = None
    number: str | None = None
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class SentBatch:
    """What a device sends, with its clock at that moment."""

    device_id: UUID
    device_now: datetime
    entries: Sequence[SentEntry]


@dataclass(frozen=True, slots=True)
class Corrected:
    """When an entry happened by the server's clock, and by how much the device's was wrong. `reason`: why that can't be
    known."""

    happened_at: datetime
    offset: timedelta
    reason: str | None = None


def corrected(entry_at: datetime, device_now: datetime, server_now: datetime) -> Corrected:
    """Correct the time of an entry by the difference of the clocks at the moment of sending. It is never after that."""
    offset = server_now - device_now
    offset = timedelta() if abs(offset) <= LATENCY else offset
    happened_at = min(entry_at + offset, server_now)
    reason = None
    if abs(offset) > MAX_OFFSET:
        reason, happened_at = problems.DeviceClockWrong.slug, server_now
    elif entry_at > device_now + FUTURE_TOLERANCE:
        reason = problems.EntryInFuture.slug
    return Corrected(happened_at, offset, reason)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry about an appointment, at its corrected time. `number`: the one that the device gave. `assigned`: the one
    that an earlier merge gave where the device had none left."""

    id: UUID
    kind: EntryKind
    happened_at: datetime
    number: str | None = None
    assigned: str | None = None

    @property
    def order(self) -> tuple[datetime, UUID]:
        return self.happened_at, self.id


@dataclass(frozen=True, slots=True)
class Stay:
    """A person's ticket: since when they are there, and their number, None until it is assigned. `is_called`: counters
    have used the number, so that it stays."""

    arrived_at: datetime
    number: str | None
    is_called: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an appointment besides the entries, or was made of them before. `missed_from`: when its person
    counts as absent at the earliest. `refused`: why an entry of a status, unit or day can't hold, by its id."""

    missed_from: datetime
    stay: Stay | None = None
    attended_at: datetime | None = None
    is_missed: bool = False
    refused: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry; `reason` is the slug of the problem of a conflict."""

    status: EntryStatus
    reason: str | None = None


APPLIED, MERGED = Outcome(EntryStatus.APPLIED), Outcome(EntryStatus.MERGED)


@dataclass(frozen=True, slots=True)
class Merged:
    """What an appointment is after its entries: the ticket of its person, if they came, and what became of each entry.
    `holder`: the entry whose arrival has the ticket's number."""

    stay: Stay | None
    attended_at: datetime | None
    is_missed: bool
    holder: UUID | None
    outcomes: dict[UUID, Outcome]


def merge(known: Known, entries: Iterable[Entry]) -> Merged:
    """Merge every entry of an appointment with what is known of it.

    Who was attended or checked in didn't miss the appointment. Who was attended had arrived by then.
    """
    by_kind: dict[EntryKind, list[Entry]] = {kind: [] for kind in EntryKind}
    for entry in sorted({one.id: one for one in entries}.values(), key=lambda one: one.order):
        by_kind[entry.kind].append(entry)
    outcomes: dict[UUID, Outcome] = {}
    attended = _accepted(by_kind[EntryKind.ATTENDED], known.refused, outcomes)
    attended_at = min([one.happened_at for one in attended] + _some(known.attended_at), default=None)
    _first_holds(attended, outcomes)
    arrivals = _accepted(by_kind[EntryKind.CHECK_IN], known.refused, outcomes)
    stay = _stay(known, arrivals, by_kind[EntryKind.CHECK_IN], attended_at)
    holder = _holder(known, arrivals, stay)
    outcomes |= {one.id: APPLIED if one.id == holder else MERGED for one in arrivals}
    is_here = stay is not None or attended_at is not None
    missed = []
    for entry in _accepted(by_kind[EntryKind.MISSED], known.refused, outcomes):
        if is_here:
            outcomes[entry.id] = Outcome(EntryStatus.CONFLICT, problems.PersonIsHere.slug)
        elif entry.happened_at <= known.missed_from:
            outcomes[entry.id] = Outcome(EntryStatus.CONFLICT, problems.NotYetMissed.slug)
        else:
            missed.append(entry)
    _first_holds(missed, outcomes)
    is_missed = not is_here and (known.is_missed or bool(missed))
    return Merged(stay, attended_at, is_missed, holder, outcomes)


def _some(moment: datetime | None) -> list[datetime]:
    return [] if moment is None else [moment]


def _accepted(entries: list[Entry], refused: Mapping[UUID, str], outcomes: dict[UUID, Outcome]) -> list[Entry]:
    """Those that aren't refused; notes the others as conflicts."""
    for entry in entries:
        if entry.id in refused:
            outcomes[entry.id] = Outcome(EntryStatus.CONFLICT, refused[entry.id])
    return [one for one in entries if one.id not in refused]


def _first_holds(entries: list[Entry], outcomes: dict[UUID, Outcome]) -> None:
    outcomes |= {one.id: MERGED if place else APPLIED for place, one in enumerate(entries)}


def _stay(known: Known, arrivals: list[Entry], given: Collection[Entry], attended_at: datetime | None) -> Stay | None:
    """The one ticket of the person."""
    before = known.stay
    times = [one.happened_at for one in arrivals] + ([before.arrived_at] if before is not None else [])
    if not times:
        return None
    arrived_at = min(times + _some(attended_at))
    numbered = [one.number for one in arrivals if one.number is not None]
    if before is None:
        return Stay(arrived_at, numbered[0] if numbered else None)
    offline = {one.number for one in given} | {one.assigned for one in given}
    is_online = before.number is not None and before.number not in offline
    number = before.number if before.is_called or is_online or not numbered else numbered[0]
    return Stay(arrived_at, number, before.is_called)


def _holder(known: Known, arrivals: list[Entry], stay: Stay | None) -> UUID | None:
    """The entry that made the ticket what it is: the one with its number, or the first where the server assigned it."""
    if stay is None:
        return None
    for entry in arrivals:
        if stay.number is not None and stay.number == entry.number:
            return entry.id
    is_assigned = known.stay is None or stay.number in {one.assigned for one in arrivals if one.assigned}
    return arrivals[0].id if arrivals and is_assigned else None
