"""Rate limits of sign-in attempts.

Attempts are counted per account and source, per source, and per account over all sources, which reduces the allowance
of unknown sources. A known device of the account has its own counter. The numbers are in docs/decisions/0005-limits.md.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from app.identity import devices
from app.kernel import rate_limits
from app.kernel.actor import Anonymous
from app.kernel.rate_limit_rules import Policy, Source, source_of
from app.kernel.rate_limits import Counter, known_networks

ATTACK_LEVEL = 20
"""Failures of one account over all sources from which unknown sources have a smaller allowance."""
MIN_FREE = 2
"""Minimum allowance of an unknown source: request a code and enter it, or mistype a password once."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Rate-limit policies of one sign-in method."""

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
# Counted only after a correct password: no one else can slow the owner down.
SECOND_FACTOR = Policy("staff-second-factor", free=10, first_wait=30, longest_wait=900, leak=900)


# Reminders of a social-security number, counted per CURP rather than per caller: three, then one a day.
REMINDERS = Policy("nss-reminder", free=3, first_wait=3_600, longest_wait=86_400, leak=86_400)


# Staff who check on the telephone who a person is: six lists of answers about one person and then one each four hours;
# three codes sent to them.
ASSISTED_ANSWERS = Policy("assisted-answers", free=5, first_wait=600, longest_wait=86_400, leak=14_400)
ASSISTED_CODES = Policy("assisted-codes", free=2, first_wait=60, longest_wait=3_600, leak=1_200)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt. `is_under_attack`: there are many failures for the same account."""

    own: Counter
    shared: tuple[Counter, ...]
    is_under_attack: bool = False


def source_of_actor(actor: Anonymous) -> Source:
    """Return the source of an actor for counting."""
    return source_of(actor.address, known_networks())


def device_or_source(actor: Anonymous, account: str) -> str:
    """Return the counter key of an actor's attempts: the known device, else the source."""
    if devices.is_known(actor.known_device, account):
        return f"device {devices.device_id(actor.known_device)}"
    return source_of_actor(actor).key


async def count_attempt(policies: Policies, actor: Anonymous, account: str) -> Attempt:
    """Count an attempt before it is verified.

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
    """Return the allowance of an unknown source during a distributed attack: decreasing, never zero."""
    return free if failures < ATTACK_LEVEL else max(MIN_FREE, free * ATTACK_LEVEL / failures)


async def count_reminder(curp: str) -> None:
    """Count a reminder of a social-security number.

    Raises:
        TooManyRequests: it was sent too often.
    """
    await rate_limits.count_attempt([Counter(REMINDERS, curp)])


async def count_assisted_answers(person_id: UUID) -> None:
    """Count a list of answers by which staff check who a person is, over all callers.

    Raises:
        TooManyRequests: the questions about this person were answered wrongly too often.
    """
    await rate_limits.count_attempt([Counter(ASSISTED_ANSWERS, f"assist {person_id}")])


async def undo_assisted_answers(person_id: UUID) -> None:
    """Undo the count of a list of answers that were right."""
    await rate_limits.undo_attempt(Counter(ASSISTED_ANSWERS, f"assist {person_id}"))


async def count_assisted_code(person_id: UUID) -> Attempt:
    """Count a code sent to a person whom staff act for, over all callers.

    Raises:
        TooManyRequests: the person was sent too many.
    """
    counter = Counter(ASSISTED_CODES, f"assist {person_id}")
    await rate_limits.count_attempt([counter])
    return Attempt(counter, ())


async def clear_failures(attempt: Attempt) -> None:
    """Clear the failures of this source or device after a success."""
    await rate_limits.clear_failures(attempt.own, attempt.shared)


async def count_failed_lookup(policy: Policy, actor: Anonymous) -> None:
    """Count a value that is known to be wrong, per source: a token that our key didn't sign. Right ones aren't slowed
    down by it, even from an address that many share.

    Raises:
        TooManyRequests: this source failed too often and must wait.
    """
    place = source_of_actor(actor)
    await rate_limits.count_attempt([Counter(policy, place.key, policy.free * place.people)])


@asynccontextmanager
async def counted_lookup(policy: Policy, actor: Anonymous) -> AsyncIterator[None]:
    """Count a lookup of a guessable value per source; successful lookups aren't counted.

    Raises:
        TooManyRequests: this source failed too often and must wait.
    """
    place = source_of_actor(actor)
    counter = Counter(policy, place.key, policy.free * place.people)
    await rate_limits.count_attempt([counter])
    yield
    await rate_limits.undo_attempt(counter)
