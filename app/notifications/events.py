"""What happens to messages. Neither recipient nor text enters a fact."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageSent(DomainEvent):
    """A message left for the mail server or the text-message gateway. The subject is the message, here and below."""

    type: ClassVar[str] = "message.sent"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageDeadLettered(DomainEvent):
    """A message could not be delivered after every try, or was refused outright: staff must see it."""

    type: ClassVar[str] = "message.dead-lettered"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageRetried(DomainEvent):
    """Staff asked to try a parked message again."""

    type: ClassVar[str] = "message.retried"


@dataclass(frozen=True, kw_only=True)
class MessageResolved(DomainEvent):
    """Staff told the person in another way."""

    type: ClassVar[str] = "message.resolved"


@dataclass(frozen=True, kw_only=True)
class MessageGroupRetried(DomainEvent):
    """Staff had messages retried that could not be delivered for one reason. The subject is new for each time."""

    type: ClassVar[str] = "message.group-retried"
    kind: str
    by: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class MessageGroupResolved(DomainEvent):
    """Staff dismissed messages that could not be delivered for one reason. The subject is new for each time."""

    type: ClassVar[str] = "message.group-resolved"
    kind: str
    by: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class UnaddressedNoticeResolved(DomainEvent):
    """Staff told a person themselves what no message could tell them. The subject is the notice."""

    type: ClassVar[str] = "unaddressed-notice.resolved"
    kind: str
    event_id: UUID
