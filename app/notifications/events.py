"""What happens to messages. Neither recipient nor text enters a fact."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MessageSent(Fact):
    """A message left for the mail server or the text-message gateway. The subject is the message, here and below."""

    type: ClassVar[str] = "message.sent"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageParked(Fact):
    """A message could not be delivered after every try, or was refused outright: staff must see it."""

    type: ClassVar[str] = "message.parked"
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageRetried(Fact):
    """Staff asked to try a parked message again."""

    type: ClassVar[str] = "message.retried"


@dataclass(frozen=True, kw_only=True)
class MessageDismissed(Fact):
    """Staff told the person in another way."""

    type: ClassVar[str] = "message.dismissed"
