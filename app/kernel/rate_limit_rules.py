"""How long to wait after how many failures, and which addresses are one source. Pure."""

import math
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.kernel.parsing import whole_number

IPV6_PREFIX = 64
"""What one subscriber gets (RFC 6177, RIPE-690): the addresses inside are one source."""
MAX_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How failures of one kind slow the next try down.

    The first `free` cost nothing; each further one doubles the wait, from `first_wait` to `longest_wait` seconds. Every
    `leak` seconds one failure leaks: the rate to which a guesser is limited. Levels end at `most`.
    """

    bucket: str
    free: int
    first_wait: float
    longest_wait: float
    leak: float
    most: int = 200


def wait_after(policy: Policy, level: float, free: float | None = None) -> float:
    """Seconds until the next try, counted from the failure that brought the level here."""
    excess = level - (policy.free if free is None else free)
    if excess <= 0:
        return 0.0
    return min(policy.longest_wait, policy.first_wait * 2.0 ** (math.ceil(excess) - 1))


def level_at(policy: Policy, level: float, elapsed: float) -> float:
    """Return the level left after a number of seconds."""
    return max(0.0, level - max(0.0, elapsed) / policy.leak)


@dataclass(frozen=True, slots=True)
class KnownNetwork:
    """A network where many people share an address: a clinic, a library, a carrier's NAT."""

    network: IPv4Network | IPv6Network
    people: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where requests come from, as it is counted. `people` is how many share it: allowances are multiplied by it."""

    key: str
    people: int = 1


def parse_networks(text: str) -> tuple[KnownNetwork, ...]:
    """Networks as `187.141.0.0/16=200, 2001:db8::/32=50`: how many people share one address (IPv6: one /64) of each.

    Raises:
        ValueError: with a sentence that names the part that can't be read.
    """
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def _network(part: str) -> KnownNetwork:
    network, _equals, people = part.partition("=")
    try:
        parsed = ip_network(network.strip(), strict=False)
    except ValueError as error:
        raise ValueError(f"`{part}` is no network: write it like 187.141.0.0/16=200") from error
    try:
        return KnownNetwork(parsed, whole_number(people.strip(), low=1, high=MAX_PEOPLE))
    except ValueError as error:
        wanted = f"how many people share an address, 1 to {MAX_PEOPLE}"
        raise ValueError(f"`{part}` needs {wanted}: 187.141.0.0/16=200") from error


def source_of(address: str, known: tuple[KnownNetwork, ...] = ()) -> Source:
    """The source an address belongs to: itself, or its /64; an IPv4 address written as IPv6 is the IPv4 one."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return Source(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    people = max(
        (one.people for one in known if one.network.version == parsed.version and parsed in one.network), default=1
    )
    if isinstance(parsed, IPv6Address):
        return Source(str(ip_network((parsed, IPV6_PREFIX), strict=False)), people)
    return Source(str(parsed), people)
