"""What administrators look up. Ids only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class AccessLogViewed(Fact):
    """An administrator opened the record of who saw whose data. The subject is the administrator."""

    type: ClassVar[str] = "access-log.viewed"
    about_person_id: UUID | None
    about_reader_id: UUID | None
