"""Tables of webhooks: subscriptions, deliveries, and the log of attempts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

SECRET_PURPOSE = "webhook-secret"  # noqa: S105 # names what is encrypted


class Webhook(Base):
    """A subscription: the events of these types are posted to this URL. `previous_secret` signs too until
    `previous_until`. `failing_since`: every attempt since then has failed."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("cardinality(types) > 0", name="types"),
        CheckConstraint("(disabled_at IS NULL) = (disabled_because IS NULL)", name="disabled_because"),
        CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous_until"),
        CheckConstraint("disabled_because IN ('staff', 'failing', 'refused')", name="because"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": SECRET_PURPOSE})
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": SECRET_PURPOSE})
    previous_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None]


class WebhookDelivery(Base):
    """An event for a webhook, once: delivered again, it is this row and this id. `position`: its place in the event
    log; null for a test event. `due_at`: when it is tried next, while it is pending."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'dead-letter')", name="status"),
        Index("ix_webhook_delivery_dead_letter", "webhook_id", postgresql_where=text("status = 'dead-letter'")),
        Index("ix_webhook_delivery_pending", "webhook_id", "due_at", postgresql_where=text("status = 'pending'")),
        Index(None, "created_at"),
    )

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text, server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]


class WebhookAttempt(Base):
    """One call: the status of its answer and the first kilobyte, or the reason why there was none."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        CheckConstraint("(status IS NULL) <> (reason IS NULL)", name="outcome"),
        Index("ix_webhook_attempt_webhook_id_id", "webhook_id", "id"),
        Index(None, "at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id"))
    event_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    milliseconds: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
