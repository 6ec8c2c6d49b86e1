"""Push notices to browsers: what a subscription may be, for how long a notice is of use, and what an answer of a push
service means. Pure.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from app.kernel.parsing import is_digits

MOST_SUBSCRIPTIONS = 5
"""Of an account; the oldest ends."""
POINT_BYTES, AUTH_BYTES = 65, 16
USUAL_TTL = timedelta(days=3)
LONGEST_TTL = timedelta(days=28)
LONGEST_WAIT = timedelta(hours=1)
MAX_DIGITS = 9


class Urgency(StrEnum):
    """How much battery a notice is worth (RFC 8030, 5.3)."""

    NORMAL = "normal"
    HIGH = "high"


class EndedBecause(StrEnum):
    """Why a subscription ended: the person ended it, signed out, or another account signed in on that browser; the push
    service has it no more; a newer one took its place; or the sign-in that made it is over."""

    PERSON = "person"
    SIGNED_OUT = "signed-out"
    OTHER_ACCOUNT = "other-account"
    EXPIRED = "expired"
    LIMIT = "limit"
    ACCESS_ENDED = "access-ended"


class Outcome(StrEnum):
    """What an answer of a push service means."""

    TAKEN = "taken"
    ENDED = "ended"
    REFUSED = "refused"
    LATER = "later"


ENDED = frozenset({404, 410})
LATER = frozenset({401, 403, 408, 425, 429})
"""Of the answers of four hundreds. 401 and 403 are about our key or our clock, not about this message."""


def outcome_of(status: int) -> Outcome:
    """What the status of an answer means (RFC 8030, 5 and 7.3). A redirect isn't followed: it is a refusal."""
    if 200 <= status < 300:
        return Outcome.TAKEN
    if status in ENDED:
        return Outcome.ENDED
    return Outcome.LATER if status >= 500 or status in LATER else Outcome.REFUSED


def wait_of(retry_after: str, now: datetime) -> timedelta:
    """How long a push service asks to wait (`Retry-After`: seconds, or a date): an hour at most."""
    text = retry_after.strip()
    if is_digits(text):
        asked = timedelta(seconds=int(text)) if len(text) <= MAX_DIGITS else LONGEST_WAIT
    else:
        try:
            until = parsedate_to_datetime(text)
            asked = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
        except (ValueError, OverflowError):
            return timedelta(0)
    return min(max(asked, timedelta(0)), LONGEST_WAIT)


def ttl_of(until: datetime | None, now: datetime) -> int:
    """For how many seconds the push service keeps a notice for a browser that is off: until it is of no use."""
    left = USUAL_TTL if until is None else until - now
    return max(0, int(min(left, LONGEST_TTL).total_seconds()))


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Where a browser is notified, and the keys for it, as `PushSubscription.toJSON()` has them."""

    endpoint: str
    p256dh: str
    auth: str


def raw(text: str) -> bytes:
    """Read base64url, with or without its padding.

    Raises:
        ValueError: it isn't that.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("no base64url") from error


def is_public_key(text: str) -> bool:
    """Whether this is a point of P-256, uncompressed."""
    try:
        point = raw(text)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == POINT_BYTES


def is_auth_secret(text: str) -> bool:
    """Whether this is a secret of 16 bytes."""
    try:
        return len(raw(text)) == AUTH_BYTES
    except ValueError:
        return False


# The first that is found: the others name it too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """A browser and its system as people call them, without versions: «Chrome, Android». Empty if it is unknown."""
    words = agent[:400]
    names = [next((name for sign, name in signs if sign in words), "") for signs in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names if name)
