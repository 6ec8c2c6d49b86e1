"""HTTP schemas of webhooks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.kernel.outbound import MAX_URL
from app.kernel.outbound_rules import Reason
from app.kernel.schemas import FromRow, Incoming, OneLine
from app.webhooks.rules import MAX_CONTACT, MAX_NAME, MAX_TYPES, DisabledBecause

EventType = Annotated[OneLine, Field(min_length=1, max_length=80)]


class WebhookIn(Incoming):
    """Which system subscribes, who looks after it, where its events go, and which."""

    name: Annotated[OneLine, Field(min_length=1, max_length=MAX_NAME, examples=["Expediente clínico"])]
    contact: Annotated[OneLine, Field(min_length=3, max_length=MAX_CONTACT, examples=["soporte@ejemplo.mx"])]
    url: Annotated[OneLine, Field(min_length=8, max_length=MAX_URL, examples=["https://ejemplo.mx/avisos"])]
    types: Annotated[list[EventType], Field(min_length=1, max_length=MAX_TYPES, examples=[["appointment.booked"]])]


class WebhookOut(FromRow):
    """A webhook. `failing_since`: no attempt succeeded since then. `previous_until`: until then the secret before the
    newest signs too."""

    id: UUID
    name: str
    contact: str
    url: str
    types: list[str]
    version: int
    created_at: datetime
    previous_until: datetime | None
    delivered_at: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: DisabledBecause | None


class WebhookSecretOut(FromRow):
    """A webhook and its new secret, which no other response has; null in a repetition after the webhook has changed."""

    webhook: WebhookOut
    secret: Annotated[str | None, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="])]


class WebhookAttemptOut(FromRow):
    """A call: when, how long it took, the status of its answer and its first kilobyte, or the reason why there was
    none."""

    id: UUID
    event_id: UUID
    type: str
    at: datetime
    milliseconds: int
    status: int | None
    reason: Reason | None
    answer: str


class ReplayIn(Incoming):
    """From when, and until when (not included): 31 days at most."""

    since: AwareDatetime
    until: AwareDatetime


class SentAgainOut(FromRow):
    """How many events are sent again."""

    count: int


class TestSentOut(FromRow):
    """The id of the test event, by which the log of attempts has it."""

    event_id: UUID
