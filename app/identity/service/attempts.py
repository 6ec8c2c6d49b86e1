"""Tries at signing in: what they are counted under, and how they are slowed down.

Per account and source; per source; and per account over all sources, which shortens what an unknown source may try. A
device the account signed in from before is counted by itself. The figures are in docs/decisions/0005-limits.md.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.identity import devices
from app.kernel import rate_limits
from app.kernel.actor import Anonymous
from app.kernel.rate_limit_rules import Policy, Source, source_of
from app.kernel.rate_limits import Counter
from app.kernel.settings_sections import known_networks

ATTACK_LEVEL = 20
"""From so many failures of one account over all sources on, unknown sources have less."""
MIN_FREE = 2
"""What an unknown source has in any case: to ask for a code and to type it, or to mistype a password once."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of one way to sign in."""

    pair: Policy
    source: Policy
    account: Policy


CODES = Policies(
    pair=Policy("code-pair", free=12, first_wait=5, longest_wait=900, leak=600),
    source=Policy("code-source", free=120, first_wait=1, longest_wait=300, leak=30, most=10_000),
    account=Policy("code-account", free=ATTACK_LEVEL, first_wait=0, longest_wait=0, leak=600),
)
STAFF = Policies(
    pair=Policy("staff-pair", free=10, first_wait=2, longest_wait=900, leak=300),
    source=Policy("staff-source", free=60, first_wait=1, longest_wait=300, leak=60, most=10_000),
    account=Policy("staff-account", free=ATTACK_LEVEL, first_wait=0, longest_wait=0, leak=300),
)
# Counted only for who knows the password: nobody else can slow its owner down.
SECOND_FACTOR = Policy("staff-second-factor", free=10, first_wait=30, longest_wait=900, leak=900)


# Messages with a number that was forgotten, counted by CURP, not by caller: three, then one a day.
REMINDERS = Policy("nss-reminder", free=3, first_wait=3_600, longest_wait=86_400, leak=86_400)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was admitted and counted. `is_hot`: many others are trying the same account."""

    own: Counter
    shared: tuple[Counter, ...]
    is_under_attack: bool = False


def source_of_actor(actor: Anonymous) -> Source:
    """Where an actor comes from, as it is counted."""
    return source_of(actor.address, known_networks())


def device_or_source(actor: Anonymous, account: str) -> str:
    """What an actor's tries at this account are counted under: the account's own device, else the source."""
    if devices.is_known(actor.known_device, account):
        return f"device {devices.device_id(actor.known_device)}"
    return source_of_actor(actor).key


async def count_attempt(policies: Policies, actor: Anonymous, account: str) -> Attempt:
    """Count a try at an account, before it is judged.

    Raises:
        TooManyRequests: this source (or the account's own device) must wait before its next try.
    """
    origin = device_or_source(actor, account)
    if origin.startswith("device "):
        own = Counter(policies.pair, f"{account}\n{origin}")
        await rate_limits.count_attempt([own])
        return Attempt(own, ())
    place = source_of_actor(actor)
    failures = await rate_limits.level_of(policies.account, account)
    own = Counter(policies.pair, f"{account}\n{origin}", allowance(policies.pair.free, failures))
    everything = Counter(policies.source, place.key, policies.source.free * place.people)
    over_all = Counter(policies.account, account)
    await rate_limits.count_attempt([own, everything, over_all])
    return Attempt(own, (everything, over_all), failures >= ATTACK_LEVEL)


def allowance(free: float, failures: float) -> float:
    """What an unknown source has while an account is tried from everywhere: less and less, never nothing."""
    return free if failures < ATTACK_LEVEL else max(MIN_FREE, free * ATTACK_LEVEL / failures)


async def count_reminder(curp: str) -> None:
    """Count a message with a forgotten number.

    Raises:
        TooManyRequests: it was sent too often.
    """
    await rate_limits.count_attempt([Counter(REMINDERS, curp)])


async def clear_failures(attempt: Attempt) -> None:
    """It was right: what this source or device failed before is forgotten."""
    await rate_limits.clear_failures(attempt.own, attempt.shared)


@asynccontextmanager
async def counted_lookup(policy: Policy, actor: Anonymous) -> AsyncIterator[None]:
    """Count a look-up of something that could be guessed, by source; one that finds something isn't counted.

    Raises:
        TooManyRequests: this source failed too often and must wait.
    """
    place = source_of_actor(actor)
    counter = Counter(policy, place.key, policy.free * place.people)
    await rate_limits.count_attempt([counter])
    yield
    await rate_limits.undo_attempt(counter)
