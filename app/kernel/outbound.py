"""Call URLs that other people chose (webhooks, web push) without letting them into the portal's own network.

The name is resolved, every address it has is checked, and the connection goes to a checked one: no second resolution
can lead it elsewhere. TLS and the Host header have the name. Redirects are answers, not followed. Proxies of the
environment aren't used.
"""

import asyncio
import socket
import ssl
import weakref
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic

import httpcore
import httpx

from app.kernel.outbound_rules import (
    Address,
    OutboundError,
    OutboundPolicy,
    Reason,
    TargetRefused,
    is_host_name,
    is_of_this_machine,
    may_call,
    parse_ports,
    parse_trusted,
)
from app.kernel.settings import get_settings

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MAX_ANSWER = 65_536
MAX_TRIED = 4
MAX_URL = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}
IDLE_CONNECTIONS, IDLE_SECONDS = 50, 30.0

Resolve = Callable[[str, int], Awaitable[list[str]]]
SocketOptions = Iterable[httpcore.SOCKET_OPTION]

# Threads of their own: names whose servers don't answer must not hold up the process's other work.
_RESOLVERS = ThreadPoolExecutor(8, thread_name_prefix="resolve")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was parsed once: what is checked is what is called."""

    scheme: str
    host: str
    port: int
    path: bytes

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str, policy: OutboundPolicy) -> Target:
    """Parse a URL.

    Raises:
        TargetRefused: it can't be read, has credentials or a fragment, or its scheme, port or written address isn't
        allowed.
    """
    try:
        parsed = httpx.URL(url)
        has_host = bool(parsed.host)  # a label that can't be decoded is found out here
    except (httpx.InvalidURL, TypeError, ValueError):
        raise TargetRefused(Reason.URL) from None
    authority = url.partition("://")[2].partition("/")[0]
    if len(url) > MAX_URL or not url.isprintable() or not has_host or "@" in authority or "#" in url or "\\" in url:
        raise TargetRefused(Reason.URL)
    if parsed.scheme not in (("https", "http") if policy.plain_http else ("https",)):
        raise TargetRefused(Reason.SCHEME)
    port = DEFAULT_PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if not any(port in allowed for allowed in policy.ports):
        raise TargetRefused(Reason.PORT)
    host = parsed.raw_host.decode("ascii")
    try:
        is_called = may_call(ip_address(host), policy.trusted)
    except ValueError:
        if not is_host_name(host):
            raise TargetRefused(Reason.URL) from None
        is_called = bool(policy.trusted) or not is_of_this_machine(host)
    if not is_called:
        raise TargetRefused(Reason.ADDRESS)
    return Target(parsed.scheme, host, port, parsed.raw_path)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other end answered. `body` is the part that was read: cut at 64 kB, or when the time was up.
    `retry_after` is the header as it was sent."""

    status: int
    body: bytes
    is_cut: bool = False
    retry_after: str = ""


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, by the system's resolver.

    Raises:
        OSError: it has none.
    """

    def look_up() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    return await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, never to a name."""

    def __init__(self, policy: OutboundPolicy, resolve: Resolve) -> None:
        self._policy, self._resolve = policy, resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 # the interface's
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        until = monotonic() + (timeout or CONNECT_SECONDS)
        addresses = await self._addresses_of(host, port, until - monotonic())
        for left in range(len(addresses), 0, -1):
            address = addresses[-left]
            share = max(0.1, (until - monotonic()) / left)
            try:
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        raise OutboundError(Reason.UNKNOWN_HOST)

    async def _addresses_of(self, host: str, port: int, seconds: float) -> list[Address]:
        """Return some addresses of a host. One that may not be called refuses all: a name that leads inside for some
        is no name to call."""
        try:
            async with asyncio.timeout(seconds):
                found = [ip_address(one) for one in await self._resolve(host, port)]
        except (OSError, UnicodeError) as error:  # a time-out is one of them
            late = isinstance(error, TimeoutError)
            raise OutboundError(Reason.TIMEOUT if late else Reason.UNKNOWN_HOST) from error
        if not all(may_call(one, self._policy.trusted) for one in found):
            raise TargetRefused(Reason.ADDRESS)
        return found[:MAX_TRIED]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class OutboundClient:
    """Posts to checked addresses; connections stay open for a while. `resolve` and `tls` are the system's unless
    given."""

    def __init__(
        self, policy: OutboundPolicy, *, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        self.policy = policy
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_CheckedBackend(policy, resolve),
        )

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, total_seconds: float = TOTAL_SECONDS
    ) -> Answer:
        """Send a body and return the answer, whatever its status.

        Raises:
            TargetRefused: the URL or its address may not be called.
            OutboundError: there was no answer.
        """
        target = parse_target(url, self.policy)
        answer: list[Answer] = []
        try:
            async with asyncio.timeout(total_seconds):
                await self._post(target, headers, body, answer)
        except TimeoutError as error:
            if not answer:
                raise OutboundError(Reason.TIMEOUT) from error
        except httpcore.TimeoutException as error:
            raise OutboundError(Reason.TIMEOUT) from error
        except httpcore.ConnectError as error:
            raise OutboundError(_reason_of(error)) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            if not answer:
                raise OutboundError(Reason.PROTOCOL) from error
        return answer[-1]

    async def _post(self, target: Target, headers: Mapping[str, str], body: bytes, answer: list[Answer]) -> None:
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        sent = [("Host", target.authority), ("Content-Length", str(len(body))), *headers.items()]
        limits = {"timeout": {"connect": CONNECT_SECONDS}}
        async with self._pool.stream("POST", url, headers=sent, content=body, extensions=limits) as response:
            read = b""
            asked = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
            retry_after = asked.decode("ascii", "replace")
            answer.append(Answer(response.status, read, is_cut=True, retry_after=retry_after))
            async for chunk in response.aiter_stream():
                read += chunk[: MAX_ANSWER - len(read)]
                answer[0] = Answer(response.status, read, is_cut=True, retry_after=retry_after)
                if len(read) == MAX_ANSWER:
                    return
            answer[0] = Answer(response.status, read, retry_after=retry_after)

    async def close(self) -> None:
        """Close the connections that are open."""
        await self._pool.aclose()


def _reason_of(error: httpcore.ConnectError) -> Reason:
    """Whether a connection failed, or its certificate."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return Reason.CERTIFICATE
        cause = cause.__cause__ or cause.__context__
    return Reason.CONNECTION


def outbound_policy() -> OutboundPolicy:
    """Return what the settings allow."""
    settings = get_settings()
    return OutboundPolicy(
        trusted=parse_trusted(settings.outbound_trusted_networks),
        plain_http=settings.outbound_plain_http,
        ports=parse_ports(settings.outbound_ports),
    )


_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, OutboundClient] = weakref.WeakKeyDictionary()


async def outbound_client() -> OutboundClient:
    """Return the client of this process, with the policy that the settings have."""
    loop, policy = asyncio.get_running_loop(), outbound_policy()
    client = _clients.get(loop)
    if client is None or client.policy != policy:
        if client is not None:
            with suppress(OSError):
                await client.close()
        client = _clients[loop] = OutboundClient(policy)
    return client


async def close_outbound_client() -> None:
    """Close the connections of this process's client."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.close()
