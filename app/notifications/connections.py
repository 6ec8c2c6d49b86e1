"""Connections to the mail server and the gateway, shared by all that a process sends at the same time.

They are opened when the first message needs them and closed with the last; while there is more to send, each is used
again. What is open belongs to one event loop.
"""

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any
from weakref import WeakKeyDictionary

import aiosmtplib
import httpx

from app.notifications.settings import MessagingSettings

TIMEOUT_SECONDS = 20
RESET_SECONDS = 5
QUIT_SECONDS = 2
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100)
MAILS_OF_A_CONNECTION = 100
"""Many servers end a connection after some hundreds."""


class MailClient(aiosmtplib.SMTP):
    """An SMTP client that records whether transmission of the message had begun, and how many it has sent."""

    has_begun_data = False
    mails = 0

    async def data(self, *arguments: Any, **options: Any) -> aiosmtplib.SMTPResponse:
        self.has_begun_data = True
        return await super().data(*arguments, **options)


class Connections:
    """What is open now. Mail connections that no one uses wait in `_idle`."""

    def __init__(self) -> None:
        self.users = 0
        self._idle: list[MailClient] = []
        self._gateway: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def mail_client(self, settings: MessagingSettings) -> AsyncIterator[MailClient]:
        """A connected client for one mail. It is used again unless it is unknown what the server still has to say."""
        client = await self._reused() or await _connected(settings)
        client.has_begun_data = False
        client.mails += 1
        try:
            yield client
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
            self._keep(client)  # the server has answered
            raise
        except BaseException:
            client.close()
            raise
        self._keep(client)

    def gateway_client(self) -> httpx.AsyncClient:
        """The client for the gateway, which keeps connections open."""
        if self._gateway is None:
            self._gateway = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, limits=LIMITS, verify=_certificates())
        return self._gateway

    async def _reused(self) -> MailClient | None:
        """A connection that the server confirms to be there and ready for another mail."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.rset(timeout=RESET_SECONDS)
            except (OSError, aiosmtplib.SMTPException):
                client.close()
            else:
                return client
        return None

    def _keep(self, client: MailClient) -> None:
        if client.is_connected and client.mails < MAILS_OF_A_CONNECTION:
            self._idle.append(client)
        else:
            client.close()

    async def close(self) -> None:
        """Say goodbye to the servers."""
        idle, self._idle = self._idle, []
        gateway, self._gateway = self._gateway, None
        await asyncio.gather(*(_quit(client) for client in idle))
        if gateway is not None:
            await gateway.aclose()


async def _connected(settings: MessagingSettings) -> MailClient:
    assert settings.smtp_host is not None
    client = MailClient(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        timeout=TIMEOUT_SECONDS,
    )
    try:
        await client.connect()
    except BaseException:
        client.close()
        raise
    return client


async def _quit(client: MailClient) -> None:
    with contextlib.suppress(OSError, aiosmtplib.SMTPException):
        await client.quit(timeout=QUIT_SECONDS)
    client.close()


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities that the gateway's certificate is verified by, read once: that takes longer than a request."""
    return httpx.create_ssl_context()


if find_spec("sniffio") is None:
    # The HTTP client asks for it some times for each request: that it isn't there is searched in all folders each time,
    # which takes longer than the request, unless it is known here.
    sys.modules["sniffio"] = None  # type: ignore[assignment] # what Python stores for a module that can't be imported

_open: WeakKeyDictionary[asyncio.AbstractEventLoop, Connections] = WeakKeyDictionary()


@asynccontextmanager
async def shared_connections() -> AsyncIterator[Connections]:
    """The connections of this process, kept as long as someone is inside."""
    loop = asyncio.get_running_loop()
    connections = _open.setdefault(loop, Connections())
    connections.users += 1
    try:
        yield connections
    finally:
        connections.users -= 1
        if connections.users == 0:
            del _open[loop]
            await connections.close()
