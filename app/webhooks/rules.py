"""When a delivery is tried again, what ends it, and when its endpoint is disabled. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

WAITS = (60, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 39_600)
"""Seconds between the attempts of a delivery, over a day in all: 1, 2, 10 and 30 minutes; 1, 2, 4, 6 and 11 hours."""
MAX_ATTEMPTS = len(WAITS) + 1
DISABLED_AFTER = timedelta(days=3)
BOTH_SECRETS = timedelta(days=7)
"""How long the secret before the newest signs too."""
MAX_REPLAY = timedelta(days=31)
MAX_REPLAYED = 10_000
MAX_TYPES, MAX_NAME, MAX_CONTACT = 100, 80, 200
STORED_ANSWER = 1_024
SUCCESS = range(200, 300)
ENDED = 410


class Status(StrEnum):
    """Of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD_LETTER = "dead-letter"


class DisabledBecause(StrEnum):
    """Why a webhook is disabled."""

    STAFF = "staff"
    FAILING = "failing"
    REFUSED = "refused"


def is_delivered(status: int | None) -> bool:
    """Return whether the receiver took a delivery: any answer of the two hundreds."""
    return status in SUCCESS


def failing_since(before: datetime | None, *, has_taken: bool, now: datetime) -> datetime | None:
    """Return since when every attempt has failed; None after one that didn't."""
    return None if has_taken else before or now


def disabled_because(since: datetime | None, statuses: list[int | None], now: datetime) -> DisabledBecause | None:
    """Return why an endpoint is to be disabled: it has failed for three days, or it answered that it is for good."""
    if ENDED in statuses:
        return DisabledBecause.REFUSED
    if since is not None and now - since >= DISABLED_AFTER:
        return DisabledBecause.FAILING
    return None


def stored_answer(body: bytes) -> str:
    """Return the first kilobyte of an answer as text that can be stored."""
    text = body[:STORED_ANSWER].decode("utf-8", "replace")
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text)
