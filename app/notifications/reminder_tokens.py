"""Tokens of the links in reminders: what for, and of which message. Only the key makes them; they name no one.

They expire with the appointment and when it moves: the page looks at the appointment.
"""

import base64
from enum import Enum
from uuid import UUID

from app.kernel import crypto
from app.kernel.problems import NotFound

LINK_PAGE = "/r"
"""Short: in a text message an address takes half of it."""
KEY_PURPOSE = "reminder-link"
# As in the links of account notices: 80 bits that only the key makes.
PURPOSE_BYTES, UUID_BYTES, MAC_BYTES = 1, 16, 10
LENGTH = (PURPOSE_BYTES + UUID_BYTES + MAC_BYTES) // 3 * 4


class Purpose(Enum):
    """The one thing that a link does. Its page has no token for another."""

    ANSWER = b"r"
    """Any of the others, in text messages only, which have room for one link."""
    CONFIRM = b"c"
    MOVE = b"m"
    CANCEL = b"x"


def sign_link(purpose: Purpose, message_id: UUID) -> str:
    """Return the token of a link."""
    payload = purpose.value + message_id.bytes
    return base64.urlsafe_b64encode(payload + _mac(payload)).decode()


def _mac(payload: bytes) -> bytes:
    return crypto.hmac_digest(KEY_PURPOSE, payload.hex())[:MAC_BYTES]


def parse_link(token: str) -> tuple[Purpose, UUID]:
    """Return what a link is for and its message.

    Raises:
        NotFound: it isn't ours, or was changed.
    """
    if len(token) != LENGTH or not token.isascii():
        raise NotFound
    try:
        whole = base64.b64decode(token, altchars=b"-_", validate=True)
        payload, mac = whole[:-MAC_BYTES], whole[-MAC_BYTES:]
        if not crypto.verify_hmac_digest(KEY_PURPOSE, payload.hex(), mac, length=MAC_BYTES):
            raise NotFound
        return Purpose(payload[:PURPOSE_BYTES]), UUID(bytes=payload[PURPOSE_BYTES:])
    except ValueError as error:
        raise NotFound from error
