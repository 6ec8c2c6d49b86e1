"""Published versions of services: a request is evaluated by the version it started with."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class ServiceVersion(Base):
    """A service as it was published, whole. Never changed: another text is another version."""

    __tablename__ = "service_version"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    service: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    digest: Mapped[str]
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
