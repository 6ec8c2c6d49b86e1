"""Events of messages. They contain neither recipient nor text."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageSent(DomainEvent):
    """A mail server or SMS gateway accepted a message. The subject is the message, as in every event about one."""

    type: ClassVar[str] = "message.sent"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageDeadLettered(DomainEvent):
    """Delivery of a message failed after all attempts or was rejected permanently: staff must look at it."""

    type: ClassVar[str] = "message.dead-lettered"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageRetried(DomainEvent):
    """Staff requeued a dead-letter message."""

    type: ClassVar[str] = "message.retried"


@dataclass(frozen=True, kw_only=True)
class MessageResolved(DomainEvent):
    """Staff resolved a dead-letter message: the person was notified otherwise."""

    type: ClassVar[str] = "message.resolved"


@dataclass(frozen=True, kw_only=True)
class MessageGroupRetried(DomainEvent):
    """Staff requeued the dead-letter messages of one reason. The subject is new each time."""

    type: ClassVar[str] = "message.group-retried"
    kind: str
    by: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class MessageGroupResolved(DomainEvent):
    """Staff resolved the dead-letter messages of one reason. The subject is new each time."""

    type: ClassVar[str] = "message.group-resolved"
    kind: str
    by: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class UnaddressedNoticeResolved(DomainEvent):
    """Staff notified a person whom no message could reach. The subject is the notice."""

    type: ClassVar[str] = "unaddressed-notice.resolved"
    kind: str
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReminderPreferencesChanged(DomainEvent):
    """A person chose at which moments they are reminded of appointments (`moments`), and by which channel (`by`; null:
    as their other messages). The subject is the person."""

    type: ClassVar[str] = "reminder-preferences.changed"
    moments: list[str]
    by: str | None


@dataclass(frozen=True, kw_only=True)
class MessageTextsChanged(DomainEvent):
    """Staff changed the texts of a message, or restored those of `restored_from` (0: the default ones). The subject is
    the template, which `template` names."""

    type: ClassVar[str] = "message-texts.changed"
    template: str
    version: int
    restored_from: int | None


@dataclass(frozen=True, kw_only=True)
class MessageTextsTested(DomainEvent):
    """Staff sent a test of texts to a contact of theirs. The subject is the template, which `template` names."""

    type: ClassVar[str] = "message-texts.tested"
    template: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageDelivered(DomainEvent):
    """A gateway or mail server reported that a message arrived."""

    type: ClassVar[str] = "message.delivered"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageFailed(DomainEvent):
    """A gateway or mail server reported, after it had taken a message, that it never arrives; `code` is its reason."""

    type: ClassVar[str] = "message.failed"
    kind: str
    by: str
    code: str | None


@dataclass(frozen=True, kw_only=True)
class StatementSubscriptionChanged(DomainEvent):
    """A person asked for a message each January about what the portal saved them, or no longer wants it. The subject is
    the person."""

    type: ClassVar[str] = "statement-subscription.changed"
    is_wanted: bool


@dataclass(frozen=True, kw_only=True)
class YearlyStatementDue(DomainEvent):
    """A year is over whose statement a person asked to be notified about. Without its figures: those are read on the
    page. The subject is the person."""

    type: ClassVar[str] = "yearly-statement.due"
    year: int


@dataclass(frozen=True, kw_only=True)
class PushSubscriptionAdded(DomainEvent):
    """A person is notified in a browser or app too (`on`: its class of device). The subject is the subscription."""

    type: ClassVar[str] = "push-subscription.added"
    on: str


@dataclass(frozen=True, kw_only=True)
class PushSubscriptionEnded(DomainEvent):
    """A browser or app isn't notified any more: the person turned it off (`person`), signed out there (`signed-out`) or
    another account signed in there (`other-account`); its push service has it no more (`expired`), newer ones took its
    place (`limit`), or the sign-in that it was made with has ended (`access-ended`). The subject is it."""

    type: ClassVar[str] = "push-subscription.ended"
    because: str


@dataclass(frozen=True, kw_only=True)
class PushKeyReplaced(DomainEvent):
    """New push subscriptions are made with another key pair of the portal. The subject is the pair."""

    type: ClassVar[str] = "push-key.replaced"
