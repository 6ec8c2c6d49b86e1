"""Signatures of what is reported to the portal, as in Standard Webhooks: HMAC-SHA-256 with a time. Pure."""

import base64
import hashlib
import hmac
from datetime import datetime

from app.kernel.parsing import whole_number

PREFIX, VERSION = "whsec_", "v1"
WINDOW_SECONDS = 300
SHORTEST_KEY = 24


def parse_secrets(text: str) -> list[bytes]:
    """The keys of `whsec_<base64>`, several with spaces between while one replaces another.

    Raises:
        ValueError: one of them can't be read, or is shorter than 24 bytes.
    """
    keys = []
    for one in text.split():
        try:
            key = base64.b64decode(one.removeprefix(PREFIX), validate=True)
        except ValueError as error:
            raise ValueError("must be whsec_ and base64") from error
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"must have at least {SHORTEST_KEY} bytes")
        keys.append(key)
    return keys


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a body, as the header has it."""
    made = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(made).decode()}"


def is_signed(
    keys: list[bytes], body: bytes, *, message_id: str, timestamp: str, signature: str, now: datetime
) -> bool:
    """Whether one of the signatures of the header is that of the body by one of the keys, made within five minutes."""
    try:
        at = whole_number(timestamp)
    except ValueError:
        return False
    if abs(now.timestamp() - at) > WINDOW_SECONDS:
        return False
    made = [sign(key, message_id, at, body).encode() for key in keys]
    given = [one.encode() for one in signature.split()[:10]]
    return any(hmac.compare_digest(one, other) for one in made for other in given)
