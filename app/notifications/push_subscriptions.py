"""Use cases of push subscriptions: turn a browser on, list, turn off, renew, and what ends them.

A subscription is one way of reaching a person, like a contact: it ends with their account, with a freeze, with all that
ends every sign-in, and with signing out on that browser, which may be shared. An endpoint belongs to one account: who
subscribes it last.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.devices import device_id
from app.identity.models import Account
from app.kernel import clock, crypto, ids, rate_limits
from app.kernel.actor import Actor, Assurance, Channel, Citizen, Device, System
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
from app.kernel.outbound import outbound_policy, parse_target
from app.kernel.outbound_rules import Reason, TargetRefused
from app.kernel.problems import FieldError, Forbidden, Invalid, NotFound
from app.kernel.rate_limit_rules import Policy
from app.kernel.rate_limits import Counter
from app.kernel.statements import StatementFiles
from app.notifications import push_keys
from app.notifications.events import PushSubscriptionAdded, PushSubscriptionEnded
from app.notifications.push_models import PUSH_TARGET_PURPOSE, PushSubscription
from app.notifications.push_rules import MOST_SUBSCRIPTIONS, EndedBecause, PushTarget, is_auth_secret, is_public_key

SYSTEM = System("notifications")
ADDED = Policy("push-subscriptions", free=20, first_wait=60, longest_wait=3600, leak=3600)
"""Subscriptions that an account makes or renews."""
WRONG_ENDPOINT = N_("No es la dirección de un servicio de avisos.")
WRONG_KEY = N_("No es una clave de un navegador.")
OTHER_KEY = N_("El navegador usó otra clave del portal. Apague los avisos en él y préndalos otra vez.")

_FILES = StatementFiles("app.notifications")
_LOCK = text("SELECT pg_advisory_xact_lock(CAST(:key AS bigint))")
_LIVE = _FILES.load("live_push_subscriptions")
_DELETE_ENDED = _FILES.load("ended_push_subscriptions")


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What a browser or program says of itself. `public_key`: the portal's, that it subscribed with; empty: the
    current one."""

    target: PushTarget
    language: str
    name: str
    device: Device
    public_key: str = ""
    browser_cookie: str = ""
    """The cookie of the device, of a browser."""


@dataclass(frozen=True, slots=True)
class Live:
    """A subscription that may be used now."""

    id: UUID
    person_id: UUID
    assurance: Assurance
    language: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A subscription as its person sees it: never its address. `is_here`: of the browser that asks."""

    id: UUID
    name: str
    device: Device
    language: str
    created_at: datetime
    delivered_at: datetime | None
    is_here: bool


def browser_digest(cookie: str) -> bytes | None:
    """The digest by which a browser is found again; None without an authentic cookie."""
    known = device_id(cookie) if cookie else None
    return ids.digest(f"push {known}") if known is not None else None


LOOPBACK = "127."


def target_errors(target: PushTarget) -> list[FieldError]:
    """What is wrong with what a browser gave. Its address is https; http is taken on loopback only, where the settings
    allow both."""
    found = []
    try:
        parsed = parse_target(target.endpoint, outbound_policy())
        if parsed.scheme != "https" and not parsed.host.startswith(LOOPBACK):
            raise TargetRefused(Reason.SCHEME)
    except TargetRefused:
        found.append(FieldError("endpoint", _(WRONG_ENDPOINT), "wrong_endpoint"))
    if not is_public_key(target.p256dh):
        found.append(FieldError("p256dh", _(WRONG_KEY), "wrong_key"))
    if not is_auth_secret(target.auth):
        found.append(FieldError("auth", _(WRONG_KEY), "wrong_key"))
    return found


async def subscribe(session: AsyncSession, actor: Citizen, given: NewSubscription) -> PushSubscription:
    """Notify the person in this browser too from now on. The same one again is renewed; of another account, it is
    this person's from now on. The oldest of too many ends.

    Raises:
        Invalid: it isn't an address or a key, or was made with a key that the portal doesn't have.
        Forbidden: staff act for the person, they have no account, or nothing says when this sign-in ends.
        TooManyRequests: 20 at once, then one an hour.
    """
    errors = target_errors(given.target)
    key = await push_keys.current_key(session)
    if not errors and given.public_key and given.public_key != key.public_key:
        errors.append(FieldError("public_key", _(OTHER_KEY), "other_key"))
    if errors:
        raise Invalid(fields=errors)
    digest = browser_digest(given.browser_cookie)
    is_found_again = digest is not None or (actor.channel is Channel.API and actor.session_id is not None)
    if actor.helper is not None or not is_found_again:
        raise Forbidden
    await rate_limits.count_attempt([Counter(ADDED, str(actor.person_id))])
    await _lock(session, actor.person_id)
    await _one_at_a_time(session, ids.digest(given.target.endpoint), *([digest] if digest else []))
    found = await _by_endpoint(session, given.target.endpoint)
    if found is not None and found.person_id != actor.person_id:
        await _end(session, actor, found, EndedBecause.OTHER_ACCOUNT)
        found = None
    found = await _of_browser(session, actor, digest, found)
    now = clock.now()
    is_new = found is None
    row = found or PushSubscription(id=ids.new_id(), person_id=actor.person_id, created_at=now)
    row.endpoint_digest = ids.digest(given.target.endpoint)
    row.target = crypto.encrypt(PUSH_TARGET_PURPOSE, json.dumps(asdict(given.target)))
    row.key_id, row.assurance, row.language = key.id, actor.assurance.value, given.language
    row.name, row.device, row.renewed_at = given.name, given.device.value, now
    row.browser_digest, row.family_id = digest, None if digest is not None else actor.session_id
    session.add(row)
    await session.flush()
    if is_new:
        added = PushSubscriptionAdded(subject_id=row.id, person_id=actor.person_id, on=given.device.value)
        await record(session, actor, added)
        await _end_oldest(session, actor, row)
    return row


async def _lock(session: AsyncSession, person_id: UUID) -> None:
    """One change at a time of a person's.

    Raises:
        Forbidden: they have no account.
    """
    locked = select(Account.person_id).where(Account.person_id == person_id).with_for_update()
    if await session.scalar(locked) is None:
        raise Forbidden


async def _one_at_a_time(session: AsyncSession, *digests: bytes) -> None:
    """Two accounts may subscribe one endpoint, or in one browser, at once: the second finds what the first made."""
    for digest in sorted(digests):  # in one order, so that no two wait for each other
        await session.execute(_LOCK, {"key": int.from_bytes(digest[:8], signed=True)})


async def _by_endpoint(session: AsyncSession, endpoint: str) -> PushSubscription | None:
    wanted = select(PushSubscription).where(PushSubscription.endpoint_digest == ids.digest(endpoint))
    found: PushSubscription | None = await session.scalar(wanted.with_for_update())
    return found


async def _of_browser(
    session: AsyncSession, actor: Citizen, digest: bytes | None, found: PushSubscription | None
) -> PushSubscription | None:
    """A browser has one: what it had before, with another address, becomes this one; other people's end."""
    if digest is None:
        return found
    theirs = select(PushSubscription).where(PushSubscription.browser_digest == digest).with_for_update()
    for one in (await session.scalars(theirs)).all():
        if one.person_id != actor.person_id:
            await _end(session, actor, one, EndedBecause.OTHER_ACCOUNT)
        elif found is None:
            found = one
        elif found.id != one.id:
            await _end(session, actor, one, EndedBecause.LIMIT)
    return found


async def _end_oldest(session: AsyncSession, actor: Citizen, newest: PushSubscription) -> None:
    others = (
        select(PushSubscription)
        .where(PushSubscription.person_id == actor.person_id, PushSubscription.id != newest.id)
        .order_by(PushSubscription.renewed_at.desc())
        .offset(MOST_SUBSCRIPTIONS - 1)
    )
    for one in (await session.scalars(others)).all():
        await _end(session, actor, one, EndedBecause.LIMIT)


async def _end(session: AsyncSession, actor: Actor, row: PushSubscription, because: EndedBecause) -> None:
    await session.delete(row)
    await session.flush()
    ended = PushSubscriptionEnded(subject_id=row.id, person_id=row.person_id, because=because.value)
    await record(session, actor, ended)


async def live_of(session: AsyncSession, people: Sequence[UUID]) -> list[Live]:
    """The subscriptions of some people that may be used now, the oldest first."""
    if not people:
        return []
    rows = await session.execute(_LIVE, {"people": list(people), "now": clock.now()})
    return [Live(row.id, row.person_id, Assurance(row.assurance), row.language) for row in rows]


async def list_of(session: AsyncSession, actor: Citizen, cookie: str = "") -> list[Listed]:
    """The person's subscriptions, the oldest first."""
    live = {one.id for one in await live_of(session, [actor.person_id])}
    wanted = select(PushSubscription).where(PushSubscription.id.in_(live)).order_by(PushSubscription.created_at)
    here = browser_digest(cookie)
    return [
        Listed(
            one.id,
            one.name,
            Device(one.device),
            one.language,
            one.created_at,
            one.delivered_at,
            here is not None and one.browser_digest == here,
        )
        for one in await session.scalars(wanted)
    ]


async def end(session: AsyncSession, actor: Citizen, subscription_id: UUID) -> None:
    """Notify the person there no longer.

    Raises:
        NotFound: they have no such subscription.
    """
    row = await session.get(PushSubscription, subscription_id, with_for_update=True)
    if row is None or row.person_id != actor.person_id:
        raise NotFound
    await _end(session, actor, row, EndedBecause.PERSON)


async def end_in_browser(session: AsyncSession, actor: Actor, cookie: str, *, but_of: UUID | None = None) -> None:
    """End what a browser was turned on with, since someone signed out there. `but_of`: someone signed in, and theirs
    stay."""
    digest = browser_digest(cookie)
    if digest is None:
        return
    mine = select(PushSubscription).where(PushSubscription.browser_digest == digest).with_for_update()
    for one in (await session.scalars(mine)).all():
        if one.person_id != but_of:
            because = EndedBecause.SIGNED_OUT if but_of is None else EndedBecause.OTHER_ACCOUNT
            await _end(session, actor, one, because)


async def end_expired(session: AsyncSession, subscription_id: UUID) -> None:
    """End one that its push service has no more; nothing if it ended already."""
    row = await session.get(PushSubscription, subscription_id, with_for_update=True)
    if row is not None:
        await _end(session, SYSTEM, row, EndedBecause.EXPIRED)


async def renew(session: AsyncSession, actor: Actor, old_endpoint: str, target: PushTarget) -> None:
    """Take the address that a browser has instead of an old one. Only the browser knows the old one: it is the proof.

    Raises:
        Invalid: it isn't an address or a key.
        NotFound: no subscription that may be used has this old address.
    """
    if errors := target_errors(target):
        raise Invalid(fields=errors)
    await _one_at_a_time(session, ids.digest(old_endpoint), ids.digest(target.endpoint))
    row = await _by_endpoint(session, old_endpoint)
    if row is None or row.id not in {one.id for one in await live_of(session, [row.person_id])}:
        raise NotFound
    other = await _by_endpoint(session, target.endpoint)
    if other is not None and other.id != row.id:
        await _end(session, actor, other, EndedBecause.OTHER_ACCOUNT)
    row.endpoint_digest = ids.digest(target.endpoint)
    row.target = crypto.encrypt(PUSH_TARGET_PURPOSE, json.dumps(asdict(target)))
    await session.flush()


async def delete_ended(session: AsyncSession) -> None:
    """Delete those whose sign-in has ended, and keys that none uses any more."""
    for row in (await session.execute(_DELETE_ENDED, {"now": clock.now()})).all():
        ended = PushSubscriptionEnded(
            subject_id=row.id, person_id=row.person_id, because=EndedBecause.ACCESS_ENDED.value
        )
        await record(session, SYSTEM, ended)
    await push_keys.delete_unused(session)


def target_of(row: PushSubscription) -> PushTarget:
    """Where a browser is notified."""
    return PushTarget(**json.loads(crypto.decrypt(PUSH_TARGET_PURPOSE, row.target)))
