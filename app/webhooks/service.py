"""Use cases of administrators: subscribe a system, change it, rotate its secret, disable, test, replay."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel import clock, crypto, ids
from app.kernel.actor import Staff, System
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.ids import uuid7_at
from app.kernel.outbound import outbound_policy, parse_target
from app.kernel.outbound_rules import Reason, TargetRefused
from app.kernel.parsing import one_line
from app.kernel.problems import FieldError, Invalid, NotFound
from app.registry.contact import normal_email
from app.webhooks import rules
from app.webhooks.catalogue import TEST, unknown_types
from app.webhooks.delivery import end_pending, enqueue_jobs
from app.webhooks.events import (
    WebhookChanged,
    WebhookCreated,
    WebhookDisabled,
    WebhookEnabled,
    WebhookReplayed,
    WebhookSecretRotated,
    WebhookTested,
)
from app.webhooks.models import SECRET_PURPOSE, Webhook, WebhookDelivery
from app.webhooks.problems import WebhookIsDisabled
from app.webhooks.rules import DisabledBecause
from app.webhooks.signatures import new_secret
from app.webhooks.statements import STATEMENTS

Administrator = Staff | System

NO_NAME = N_("Escriba el nombre del sistema, como «Expediente clínico».")
WRONG_CONTACT = N_("Escriba el correo de quien atiende ese sistema, como soporte@ejemplo.mx.")
NO_TYPES = N_("Elija al menos un tipo de suceso.")
WRONG_TYPES = N_("Uno de los tipos de suceso no se envía: elija de la lista.")
WRONG_URL = N_(
    "Escriba la dirección completa, como https://ejemplo.mx/avisos: un nombre de internet, sin usuario, contraseña ni"
    " «#»."
)
REFUSED_URLS = {
    Reason.SCHEME: N_("La dirección debe empezar con https://."),
    Reason.PORT: N_("Ese puerto no está permitido en este portal."),
    Reason.ADDRESS: N_("Esa dirección es de una red privada o de este equipo, y el portal no llama ahí."),
}
WRONG_TIMES = N_("El final debe ser posterior al principio, y el periodo de 31 días como mucho.")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""No id is of an earlier time."""

_REPLAY = STATEMENTS.load("replay")
_RETRY = STATEMENTS.load("retry_dead_letters")


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an administrator says of a webhook."""

    name: str
    contact: str
    url: str
    types: tuple[str, ...]

    def errors(self) -> list[FieldError]:
        """Return what is wrong, by field."""
        found = []
        try:
            if not one_line(self.name) or len(self.name) > rules.MAX_NAME:
                raise ValueError(NO_NAME)
        except ValueError:
            found.append(FieldError("name", NO_NAME, "no_name"))
        try:
            normal_email(self.contact)
        except ValueError:
            found.append(FieldError("contact", WRONG_CONTACT, "wrong_contact"))
        try:
            parse_target(self.url, outbound_policy())
        except TargetRefused as refused:
            found.append(FieldError("url", REFUSED_URLS.get(refused.reason, WRONG_URL), "wrong_url"))
        if not self.types or unknown_types(self.types):
            found.append(FieldError("types", WRONG_TYPES if self.types else NO_TYPES, "wrong_types"))
        return found


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A webhook with its secret, which is shown this once."""

    webhook: Webhook
    secret: str


def secret_of(webhook: Webhook) -> str:
    """Return the newest secret."""
    return crypto.decrypt(SECRET_PURPOSE, webhook.secret)


def _require(actor: Administrator) -> None:
    if isinstance(actor, Staff):
        require(actor, Action.MANAGE_WEBHOOKS)


def _require_valid(given: Subscription) -> Subscription:
    found = given.errors()
    if found:
        raise Invalid(fields=found)
    return replace(given, contact=normal_email(given.contact), name=one_line(given.name))


async def locked_webhook(session: AsyncSession, actor: Administrator, webhook_id: UUID) -> Webhook:
    """Return a webhook, locked for a change.

    Raises:
        WrongRole; NotFound.
    """
    _require(actor)
    found = await session.get(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def create(session: AsyncSession, actor: Administrator, given: Subscription) -> NewSecret:
    """Subscribe a system: it gets the events from now on.

    Raises:
        WrongRole; Invalid.
    """
    _require(actor)
    given = _require_valid(given)
    secret = new_secret()
    webhook = Webhook(
        id=ids.new_id(),
        name=given.name,
        contact=given.contact,
        url=given.url,
        types=sorted(set(given.types)),
        secret=crypto.encrypt(SECRET_PURPOSE, secret),
        version=1,
        created_by=actor.id,
        created_at=clock.now(),
    )
    session.add(webhook)
    await session.flush()
    await record(session, actor, WebhookCreated(subject_id=webhook.id, types=webhook.types))
    return NewSecret(webhook, secret)


async def change(
    session: AsyncSession, actor: Administrator, webhook_id: UUID, given: Subscription, expected: Versions = None
) -> Webhook:
    """Change a webhook. The same again changes nothing.

    Raises:
        WrongRole; NotFound; Invalid; Stale.
    """
    webhook = await locked_webhook(session, actor, webhook_id)
    require_version(expected, webhook.version)
    given = _require_valid(given)
    before, types = webhook.types, sorted(set(given.types))
    changed = [name for name in ("name", "contact", "url") if getattr(webhook, name) != getattr(given, name)]
    if not changed and before == types:
        return webhook
    webhook.name, webhook.contact, webhook.url, webhook.types = given.name, given.contact, given.url, types
    webhook.version += 1
    await session.flush()
    event = WebhookChanged(subject_id=webhook.id, types_before=before, types=types, fields=changed)
    await record(session, actor, event)
    return webhook


async def rotate_secret(
    session: AsyncSession, actor: Administrator, webhook_id: UUID, expected: Versions = None
) -> NewSecret:
    """Give a webhook a new secret; the one before signs too for a week, so that the receiver changes it in between.

    Raises:
        WrongRole; NotFound; Stale.
    """
    webhook = await locked_webhook(session, actor, webhook_id)
    require_version(expected, webhook.version)
    secret, until = new_secret(), clock.now() + rules.BOTH_SECRETS
    webhook.previous_secret, webhook.previous_until = webhook.secret, until
    webhook.secret, webhook.version = crypto.encrypt(SECRET_PURPOSE, secret), webhook.version + 1
    await session.flush()
    await record(session, actor, WebhookSecretRotated(subject_id=webhook.id, previous_until=until))
    return NewSecret(webhook, secret)


async def disable(session: AsyncSession, actor: Administrator, webhook_id: UUID) -> Webhook:
    """Send nothing to a webhook any more; what is pending becomes dead letters. Again changes nothing.

    Raises:
        WrongRole; NotFound.
    """
    webhook = await locked_webhook(session, actor, webhook_id)
    if webhook.disabled_at is None:
        webhook.disabled_at, webhook.disabled_because = clock.now(), DisabledBecause.STAFF.value
        webhook.version += 1
        await session.flush()
        await end_pending(session, webhook.id)
        await record(session, actor, WebhookDisabled(subject_id=webhook.id, because=DisabledBecause.STAFF.value))
    return webhook


async def enable(session: AsyncSession, actor: Administrator, webhook_id: UUID) -> Webhook:
    """Send the events from now on again; those of the time between are replayed by who wants them.

    Raises:
        WrongRole; NotFound.
    """
    webhook = await locked_webhook(session, actor, webhook_id)
    if webhook.disabled_at is not None:
        webhook.disabled_at = webhook.disabled_because = webhook.failing_since = None
        webhook.version += 1
        await session.flush()
        await record(session, actor, WebhookEnabled(subject_id=webhook.id))
    return webhook


async def send_test(session: AsyncSession, actor: Administrator, webhook_id: UUID) -> UUID:
    """Send a test event; returns its id. What the endpoint answered is in the log of attempts.

    Raises:
        WrongRole; NotFound; WebhookIsDisabled.
    """
    webhook = await _enabled(session, actor, webhook_id)
    event_id, now = ids.new_id(), clock.now()
    session.add(WebhookDelivery(webhook_id=webhook.id, event_id=event_id, type=TEST, created_at=now, due_at=now))
    await session.flush()
    await enqueue_jobs(session, [webhook.id])
    await record(session, actor, WebhookTested(subject_id=webhook.id, event_id=event_id))
    return event_id


async def replay(
    session: AsyncSession, actor: Administrator, webhook_id: UUID, since: datetime, until: datetime
) -> int:
    """Send the events of a time again, with the same ids, up to 10,000; returns how many.

    Raises:
        WrongRole; NotFound; WebhookIsDisabled; Invalid: no time, or more than 31 days.
    """
    webhook = await _enabled(session, actor, webhook_id)
    if not timedelta(0) < until - since <= rules.MAX_REPLAY:
        raise Invalid(fields=[FieldError("until", WRONG_TIMES, "wrong_times")])
    # A transaction gives an event its id before or after its time, by the length of a statement at most.
    slack = timedelta(minutes=5)
    chosen = {
        "webhook_id": webhook.id,
        "first": uuid7_at(max(since - slack, EPOCH)),
        "last": uuid7_at(max(until + slack, EPOCH)),
        "since": since,
        "until": until,
        "types": webhook.types,
        "most": rules.MAX_REPLAYED,
        "now": clock.now(),
    }
    rows = (await session.execute(_REPLAY, chosen)).all()
    return await _send_again(session, actor, webhook, len(rows), since, until)


async def retry_dead_letters(session: AsyncSession, actor: Administrator, webhook_id: UUID) -> int:
    """Send the events again that were dead letters, the oldest first, up to 10,000; returns how many.

    Raises:
        WrongRole; NotFound; WebhookIsDisabled.
    """
    webhook = await _enabled(session, actor, webhook_id)
    now = clock.now()
    rows = (await session.execute(_RETRY, {"webhook_id": webhook.id, "most": rules.MAX_REPLAYED, "now": now})).all()
    return await _send_again(session, actor, webhook, len(rows), webhook.created_at, now)


async def _enabled(session: AsyncSession, actor: Administrator, webhook_id: UUID) -> Webhook:
    webhook = await locked_webhook(session, actor, webhook_id)
    if webhook.disabled_at is not None:
        raise WebhookIsDisabled
    return webhook


async def _send_again(
    session: AsyncSession, actor: Administrator, webhook: Webhook, count: int, since: datetime, until: datetime
) -> int:
    if count:
        await enqueue_jobs(session, [webhook.id])
        event = WebhookReplayed(subject_id=webhook.id, since=since, until=until, count=count)
        await record(session, actor, event)
    return count
