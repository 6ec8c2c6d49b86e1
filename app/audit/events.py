"""Events of the access log. Ids only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccessLogViewed(DomainEvent):
    """An administrator queried the access log. The subject is the administrator."""

    type: ClassVar[str] = "access-log.viewed"
    about_person_id: UUID | None
    about_reader_id: UUID | None
