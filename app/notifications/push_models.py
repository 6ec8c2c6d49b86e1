"""Tables of push notices: the portal's key pairs, and the browsers that are notified."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

PUSH_KEY_PURPOSE, PUSH_TARGET_PURPOSE = "push-key", "push-target"


class PushKey(Base):
    """A key pair by which push services know the portal. `is_current` is null for those that were replaced."""

    __tablename__ = "push_key"
    __table_args__ = (
        CheckConstraint("is_current", name="is_current"),
        CheckConstraint("(is_current IS NULL) = (retired_at IS NOT NULL)", name="retired_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    public_key: Mapped[str] = mapped_column(unique=True)
    private_key: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": PUSH_KEY_PURPOSE})
    is_current: Mapped[bool | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class PushSubscription(Base):
    """A browser or app in which a person is notified. `target`: its address at the push service and its keys, as JSON.
    `browser_digest` is of the cookie of the device that it was made with, by which signing out there ends it; one of a
    program has `family_id`, the sign-in that it ends with. `renewed_at`: when it was proved last; what ends all access
    afterwards ends it. `name`: browser and system, as «Chrome, Android»."""

    __tablename__ = "push_subscription"
    __table_args__ = (
        CheckConstraint("assurance IN ('low', 'full')", name="assurance"),
        CheckConstraint("(browser_digest IS NULL) <> (family_id IS NULL)", name="made_with"),
        Index(None, "person_id"),
        Index(None, "browser_digest"),
        Index(None, "key_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.person_id", ondelete="CASCADE"))
    endpoint_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    target: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": PUSH_TARGET_PURPOSE})
    key_id: Mapped[UUID] = mapped_column(ForeignKey("push_key.id"))
    assurance: Mapped[str]
    language: Mapped[str]
    name: Mapped[str]
    device: Mapped[str]
    browser_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    family_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
