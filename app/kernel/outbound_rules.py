"""Which addresses and ports of URLs given by other people the portal may call. Pure.

The portal stands inside a network: a URL that others choose must not lead it to what only the inside can reach.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from app.kernel.parsing import whole_number

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HIGHEST_PORT = 65_535

# IANA's registries of special-purpose addresses, multicast, and what is reserved.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocol assignments, among them Teredo, which embeds IPv4 addresses
        "2001:db8::/32",
        "2002::/16",  # 6to4: routed by the IPv4 address inside, and deprecated (RFC 7526)
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""How an IPv4 address is reached from a network of IPv6 only (RFC 6052)."""
_METADATA = frozenset(
    {
        IPv4Address("169.254.169.254"),
        IPv4Address("169.254.170.2"),
        IPv4Address("169.254.170.23"),
        IPv4Address("100.100.100.200"),
        IPv4Address("192.0.0.192"),
        IPv4Address("168.63.129.16"),  # looks like a public one
        IPv6Address("fd00:ec2::254"),
        IPv6Address("fd00:ec2::23"),
        IPv6Address("fd20:ce::254"),
    }
)
"""Where clouds give a machine its credentials: never called, whatever is trusted."""


class Reason(StrEnum):
    """Why a call wasn't made, or had no answer."""

    URL = "url"
    SCHEME = "scheme"
    PORT = "port"
    ADDRESS = "address"
    UNKNOWN_HOST = "unknown-host"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class OutboundError(Exception):
    """A call that had no answer."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class TargetRefused(OutboundError):  # noqa: N818 # says what happened
    """The URL, or the address that its host has now, may not be called."""


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """What may be called besides public addresses by https."""

    trusted: tuple[Network, ...] = ()
    plain_http: bool = False
    ports: tuple[range, ...] = (range(443, 444),)


def embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for (mapped, NAT64), else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def may_call(address: Address, trusted: Sequence[Network] = ()) -> bool:
    """Return whether an address is public, or of a trusted network and no metadata service."""
    reached = embedded(address)
    if reached in _METADATA:
        return False
    if any(reached.version == network.version and reached in network for network in trusted):
        return True
    if isinstance(reached, IPv4Address):
        return not any(reached in network for network in _NOT_PUBLIC_V4)
    return reached in _GLOBAL_UNICAST and not any(reached in network for network in _NOT_PUBLIC_V6)


_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
LONGEST_NAME = 253


def is_host_name(host: str) -> bool:
    """Return whether a host can be a name of the domain name system (RFC 1123, 2.1).

    One that ends in a number isn't: systems read it as an address in an old notation (`2130706433`, `0x7f.1`).
    """
    labels = host.removesuffix(".").split(".")
    return (
        len(host) <= LONGEST_NAME
        and all(_LABEL.fullmatch(label) for label in labels)
        and not _NUMBER.fullmatch(labels[-1])
    )


def is_of_this_machine(host: str) -> bool:
    """Return whether a name always stands for the machine itself (RFC 6761, 6.3)."""
    return host.removesuffix(".").lower().rpartition(".")[2] == "localhost"


def parse_trusted(text: str) -> tuple[Network, ...]:
    """Networks as `10.20.0.0/16, fd12:3456::/32`.

    Raises:
        ValueError: with a sentence that names the part that can't be read.
    """
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def _network(part: str) -> Network:
    try:
        return ip_network(part)
    except ValueError as error:
        raise ValueError(f"`{part}` is no network: write it like 10.20.0.0/16") from error


def parse_ports(text: str) -> tuple[range, ...]:
    """Ports as `443, 8443, 9000-9010`.

    Raises:
        ValueError: with a sentence that names the part that can't be read.
    """
    return tuple(_ports(part.strip()) for part in text.split(",") if part.strip())


def _ports(part: str) -> range:
    first, dash, last = part.partition("-")
    try:
        low = whole_number(first.strip(), low=1, high=HIGHEST_PORT)
        return range(low, whole_number((last if dash else first).strip(), low=low, high=HIGHEST_PORT) + 1)
    except ValueError as error:
        raise ValueError(f"`{part}` is no port: write 443, or 9000-9010") from error
