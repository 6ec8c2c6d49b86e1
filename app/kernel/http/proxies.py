"""Detect a reverse proxy that isn't trusted: all its clients would count as one source."""

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kernel.settings import PREFIX, Settings

log = structlog.get_logger(__name__)

SETTING = f"{PREFIX}TRUSTED_PROXIES"
MOST_NOTED = 10
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ProxyCheck:
    """Notes peers that pass on other people's addresses without being believed. The server writes the address that a
    trusted proxy passed on over the peer's own, so a peer that isn't among those it passed on wasn't believed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.untrusted: dict[str, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            passed_on = Headers(scope=scope).getlist("x-forwarded-for")
            peer = scope["client"][0]
            if passed_on and peer not in self.untrusted and peer not in _addresses(",".join(passed_on)):
                self._note(peer)
            scope.setdefault("state", {})["untrusted_proxies"] = self.untrusted
        await self.app(scope, receive, send)

    def _note(self, peer: str) -> None:
        if len(self.untrusted) < MOST_NOTED:
            self.untrusted[peer] = None
            log.warning("untrusted_proxy", peer=peer, setting=SETTING, hint="if it is your proxy, add its address")


def _addresses(header: str) -> set[str]:
    """The addresses of an X-Forwarded-For header, without ports."""
    found = set()
    for part in header.split(","):
        entry = part.strip()
        if entry.startswith("["):
            found.add(entry[1:].partition("]")[0])
        else:
            found.add(entry.partition(":")[0] if entry.count(":") == 1 else entry)
    return found


def warnings(untrusted: dict[str, None], *, with_addresses: bool) -> list[str]:
    """What to put right, in a sentence: for readiness. Addresses only for who may read metrics."""
    if not untrusted:
        return []
    where = f" ({', '.join(untrusted)})" if with_addresses else ""
    return [f"X-Forwarded-For comes from a peer{where} that {SETTING} doesn't name: all behind it count as one source."]


def warn_at_start(settings: Settings) -> None:
    """Say at the start of a production server that no proxy is trusted though it listens to the network."""
    if settings.is_production and settings.host not in LOOPBACK and settings.trusted_proxies.strip() in LOOPBACK:
        log.warning(
            "no_trusted_proxy", setting=SETTING, hint="a proxy with TLS stands before it: set the proxy's address"
        )
