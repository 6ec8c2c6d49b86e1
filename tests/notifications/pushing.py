"""Browsers that are notified, at a push service in the test's own process, which can't read what it is sent."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import http_ece
import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.identity.service.refresh import Tokens, start_family
from app.kernel import ids
from app.kernel.actor import Assurance
from tests.conftest import Database
from tests.identity.sign_in import bearer
from tests.webhooks.receiver import Received, Receiver

PATH = "/api/v1/me/push-subscriptions"


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class PushBrowser:
    """A browser with its keys and its address at the push service."""

    service: Receiver
    name: str = "uno"
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: ids.new_secret(32).encode()[:16])

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.service.port}/{self.name}"

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": text_of(point), "auth": text_of(self.auth)}

    @property
    def calls(self) -> list[Received]:
        """What the push service was sent for it."""
        return [call for call in self.service.calls if call.path == f"/{self.name}"]

    @property
    def shown(self) -> list[dict[str, Any]]:
        """What it was sent, decrypted."""
        return [
            json.loads(http_ece.decrypt(call.body, private_key=self.private, auth_secret=self.auth))
            for call in self.calls
        ]


@dataclass
class Phone:
    """A person signed in with a program, and a client."""

    client: httpx.AsyncClient
    tokens: Tokens

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.tokens.access_token)

    async def turn_on(self, browser: PushBrowser, **more: Any) -> httpx.Response:
        body = {"endpoint": browser.endpoint, "keys": browser.keys, "name": browser.name} | more
        headers = self.headers | {"Idempotency-Key": f"encender-{ids.new_secret(8)}"}
        return await self.client.post(PATH, json=body, headers=headers)

    async def listed(self) -> list[dict[str, Any]]:
        answer = await self.client.get(PATH, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json())


async def signed_in(
    client: httpx.AsyncClient, db: Database, person_id: UUID, assurance: Assurance = Assurance.FULL
) -> Phone:
    """A person who signed in with a program."""
    async with db.transaction() as session:
        return Phone(client, await start_family(session, person_id=person_id, assurance=assurance))
