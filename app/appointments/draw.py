"""The draw of a day's seats: a seed that is committed to before anyone registers, and the order that follows from it.
Pure.

`digest_of(seed)` is published when the registration opens, the seed when it closes; the order is that of
SHA-256(seed ‖ code), so anyone can compute it (docs/fair-release.md). Everyone has the same chance: class of need,
which orders the wait list, plays no part, since no one could check it.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.appointments.wait_list import Ask, Release, Wait, Waiting, asks_at, fits
from app.appointments.wait_list import FreedTime as Time

SEED_BYTES = 32
CODE_PREFIX = "S"


class DrawStatus(StrEnum):
    """The status of a draw."""

    OPEN = "open"
    """People register."""
    DRAWN = "drawn"
    """The order is fixed; seats are offered in it."""
    ENDED = "ended"
    """What was left is the public's."""


class DrawResult(StrEnum):
    """What became of a registration, as its person sees it."""

    REGISTERED = "registered"
    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    PASSED = "passed"
    """Their offer was declined or not answered, or they might not have a seat."""
    WITHOUT = "without"
    CANCELLED = "cancelled"


def new_seed() -> bytes:
    """A random seed."""
    return secrets.token_bytes(SEED_BYTES)


def digest_of(seed: bytes) -> str:
    """What is published of a seed before it is."""
    return hashlib.sha256(seed).hexdigest()


def order_of(seed: bytes, codes: Collection[str]) -> list[str]:
    """Codes in the drawn order, whatever order they are given in; of equal digests, which no one has seen, by code."""
    return sorted(codes, key=lambda code: (hashlib.sha256(seed + code.encode()).digest(), code))


def offers_nothing(has: datetime, earliest: datetime | None) -> bool:
    """Whether a draw whose earliest seat is this has none to offer to a person with an appointment that the unit can
    attend: as `wait_list.fits`, only an earlier one. While it has no seat at all, that isn't known."""
    return earliest is not None and earliest >= has


@dataclass(frozen=True, slots=True)
class Facts:
    """What the result of a registration follows from: its draw's status, the end of its entry (`end_reason`) and
    whether it has an open offer."""

    status: str
    is_cancelled: bool
    end_reason: str | None
    is_offered: bool


def result_of(facts: Facts) -> DrawResult:
    """What became of a registration."""
    if facts.end_reason == "accepted":
        return DrawResult.ACCEPTED
    if facts.is_cancelled:
        return DrawResult.CANCELLED
    if facts.end_reason is not None:
        return DrawResult.PASSED
    if facts.is_offered:
        return DrawResult.OFFERED
    by_status = {DrawStatus.OPEN: DrawResult.REGISTERED, DrawStatus.DRAWN: DrawResult.WAITING}
    return by_status.get(DrawStatus(facts.status), DrawResult.WITHOUT)


def next_draw_step(
    entries: Iterable[Waiting], time_: Time, now: datetime, zone: str, public_at: datetime
) -> Ask | Wait | Release:
    """What is done with a seat of a draw that no one is being asked about: the next in the drawn order is asked, in the
    morning at night; with no one left it waits for the instant when it is the public's."""
    if now >= public_at:
        return Release()
    at = asks_at(time_.start_at, now, zone)
    order = [one for one in entries if fits(one, time_, at)]
    if not order or at >= public_at:
        return Wait(public_at)
    return Ask(order) if at == now else Wait(at)
