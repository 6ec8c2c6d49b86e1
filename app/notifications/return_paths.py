"""The address to which a mail's bounces come (VERP): it names the message, with a token that only who got the mail has.

Who makes up a bounce doesn't know the token of another's message, so a bounce marks no contact but its sender's own.
"""

import base64
import binascii
from email.utils import parseaddr
from uuid import UUID

from app.kernel import crypto

PURPOSE = "return path"
TOKEN_BYTES = 10
TOKEN_LENGTH = 42


def return_path(bounce_address: str, message_id: UUID) -> str:
    """`rebotes+TOKEN@example.mx`, for the address `rebotes@example.mx`."""
    local, _at, domain = bounce_address.rpartition("@")
    return f"{local}+{token_of(message_id)}@{domain}"


def token_of(message_id: UUID) -> str:
    """The message's id and its keyed digest, in letters and digits of one case."""
    digest = crypto.hmac_digest(PURPOSE, str(message_id))[:TOKEN_BYTES]
    return base64.b32encode(message_id.bytes + digest).decode().rstrip("=").lower()


def message_id_of(addresses: list[str]) -> UUID | None:
    """The message that one of these addresses names with a token of ours; None: none does."""
    for written in addresses:
        local = parseaddr(written)[1].rpartition("@")[0]
        found = _verified(local.rpartition("+")[2])
        if found is not None:
            return found
    return None


def _verified(token: str) -> UUID | None:
    if len(token) != TOKEN_LENGTH:
        return None
    try:
        read = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    message_id = UUID(bytes=read[:16])
    return message_id if crypto.verify_hmac_digest(PURPOSE, str(message_id), read[16:], length=TOKEN_BYTES) else None
