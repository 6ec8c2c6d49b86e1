"""HTTP schemas of messages."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.kernel.actor import Device
from app.kernel.i18n import Language
from app.kernel.outbound import MAX_URL
from app.kernel.schemas import FromRow, Incoming, OneLine
from app.notifications.push_rules import PushTarget
from app.notifications.reminder_rules import Moment
from app.notifications.rules import UnreachedReason


class DeadLetterMessageOut(FromRow):
    """A message that could not be delivered."""

    id: UUID
    kind: str
    channel: Literal["email", "sms", "push"]
    recipient: str
    subject: str
    attempts: int
    last_error: str
    created_at: datetime


class UnaddressedNoticeOut(FromRow):
    """What staff must tell a person who has no contact."""

    id: UUID
    kind: str
    person_id: UUID
    unit_id: UUID | None
    folio: str
    reason: UnreachedReason
    subject: str
    body: str
    created_at: datetime


class ReminderPreferencesIn(Incoming):
    """The moments before an appointment at which a person is reminded, and the channel."""

    moments: list[Moment] = Field(max_length=3, description="Empty: no reminders.")
    channel: Literal["email", "sms"] | None = Field(None, description="Null: as other messages.")


class ReminderPreferencesOut(FromRow):
    """The moments before an appointment at which a person is reminded (`days-3` and `day-1` unless they chose others),
    and the channel, null: as other messages."""

    moments: list[Moment]
    channel: Literal["email", "sms"] | None


class StatementSubscription(Incoming):
    """Whether a person is notified each January of the statement of the year before."""

    is_wanted: bool


class PushKeyOut(FromRow):
    """The portal's public key: a point of P-256, uncompressed, as base64url."""

    public_key: str


Base64Url = Annotated[str, Field(min_length=10, max_length=120, pattern=r"^[A-Za-z0-9_-]+=*$")]
Endpoint = Annotated[str, Field(min_length=8, max_length=MAX_URL, examples=["https://push.ejemplo.mx/s/6pT2"])]


class PushKeysIn(Incoming):
    """A browser's keys, as `PushSubscription.toJSON()` has them."""

    p256dh: Base64Url
    auth: Base64Url


class _PushTargetIn(Incoming):
    endpoint: Endpoint
    keys: PushKeysIn

    def target(self) -> PushTarget:
        """The same, as rules take it."""
        return PushTarget(self.endpoint, self.keys.p256dh, self.keys.auth)


class PushSubscriptionIn(_PushTargetIn):
    """A browser or app to be notified: its address and keys, the language of its notices, and what the person calls
    it. `public_key`: the portal's, that it subscribed with; empty: the current one."""

    language: Language = "es"
    name: Annotated[OneLine | None, Field(max_length=80, description="Null: its browser and system.")] = None
    public_key: Annotated[str, Field(max_length=120)] = ""


class PushRenewalIn(_PushTargetIn):
    """The address and keys that a browser has instead of an old address."""

    old_endpoint: Endpoint


class PushSubscriptionOut(FromRow):
    """A browser or app in which the person is notified: since when, and when a notice was taken for it last."""

    id: UUID
    name: str
    device: Device
    language: Language
    created_at: datetime
    delivered_at: datetime | None
