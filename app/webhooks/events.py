"""Events of webhooks. They contain neither URL, contact nor secret. The subject is the webhook."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class WebhookCreated(DomainEvent):
    """An administrator subscribed another system to events (`types`). The subject is the webhook."""

    type: ClassVar[str] = "webhook.created"
    types: list[str]


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(DomainEvent):
    """An administrator changed a webhook: its event types before and after, and which other fields."""

    type: ClassVar[str] = "webhook.changed"
    types_before: list[str]
    types: list[str]
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class WebhookSecretRotated(DomainEvent):
    """A webhook has a new secret; the one before signs too until then."""

    type: ClassVar[str] = "webhook.secret-rotated"
    previous_until: datetime


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(DomainEvent):
    """A webhook gets no events: an administrator disabled it (`staff`), every attempt of three days failed
    (`failing`), or its endpoint answered 410 (`refused`)."""

    type: ClassVar[str] = "webhook.disabled"
    because: str


@dataclass(frozen=True, kw_only=True)
class WebhookEnabled(DomainEvent):
    """An administrator enabled a webhook again: it gets the events from now on."""

    type: ClassVar[str] = "webhook.enabled"


@dataclass(frozen=True, kw_only=True)
class WebhookTested(DomainEvent):
    """An administrator asked for a test event (`event_id`)."""

    type: ClassVar[str] = "webhook.tested"
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class WebhookReplayed(DomainEvent):
    """An administrator had the events of a time sent again, or those that were dead letters."""

    type: ClassVar[str] = "webhook.replayed"
    since: datetime
    until: datetime
    count: int
