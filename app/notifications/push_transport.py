"""The transport of push notices (RFC 8030): encrypted for the browser (RFC 8291), signed by our key (RFC 8292).

An endpoint is an address that a browser gave, so the call is made as those to webhooks are: to a public address that
was checked, without redirects, within limits (`kernel.outbound`).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from py_vapid import Vapid02

from app.kernel import clock
from app.kernel.outbound import Answer, OutboundClient
from app.notifications.push_rules import PushTarget, Urgency, raw

SIGNED_SECONDS = 12 * 3600
"""How long a signature is good; at most a day (RFC 8292, 2)."""
USER_AGENT = "Ventanilla-Push"
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PushNotice:
    """What is sent: the text and its link as JSON, for how long it is of use, and how urgent it is. `id` is the
    message's: of two with one `Topic`, push services keep the later."""

    id: UUID
    payload: bytes
    ttl: int
    urgency: Urgency


def private_key_of(pem: str) -> ec.EllipticCurvePrivateKey:
    """Read a stored key."""
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def encrypt_payload(target: PushTarget, payload: bytes) -> bytes:
    """Encrypt for the browser alone: its push service can't read it."""
    encrypted: bytes = http_ece.encrypt(
        payload,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=raw(target.p256dh),
        auth_secret=raw(target.auth),
        version="aes128gcm",
    )
    return encrypted


def headers_of(target: PushTarget, notice: PushNotice, key: ec.EllipticCurvePrivateKey, contact: str) -> dict[str, str]:
    """The headers of a call; `contact` is whom a push service can ask about the portal."""
    parts = urlsplit(target.endpoint)
    expires = int(clock.now().timestamp()) + SIGNED_SECONDS
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": contact, "exp": expires}
    signed: dict[str, str] = Vapid02(key).sign(claims)
    return signed | {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(notice.ttl),
        "Urgency": notice.urgency.value,
        "Topic": notice.id.hex,
        "User-Agent": USER_AGENT,
    }


async def post(
    client: OutboundClient, target: PushTarget, notice: PushNotice, key: ec.EllipticCurvePrivateKey, contact: str
) -> Answer:
    """Hand a notice to the push service.

    Raises:
        OutboundError: there was no answer, or the address may not be called.
    """
    body = encrypt_payload(target, notice.payload)
    headers = headers_of(target, notice, key, contact)
    return await client.post(target.endpoint, headers, body, total_seconds=ANSWER_SECONDS)
