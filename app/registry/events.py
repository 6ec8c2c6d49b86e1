"""What happens in the registry. Ids only; what the new value is stays in the registry."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Fact):
    """Something about a person changed by a service of the portal. The subject is the person."""

    type: ClassVar[str] = "person.changed"
    what: str


@dataclass(frozen=True, kw_only=True)
class PersonCorrected(Fact):
    """A request corrected these fields of a person, the subject. Old and new values: encrypted, in the correction."""

    type: ClassVar[str] = "person.corrected"
    correction_id: UUID
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class CorrectionUndone(Fact):
    """Who approved a correction took it back: the registry says what it said before. The subject is the person."""

    type: ClassVar[str] = "person.correction-undone"
    correction_id: UUID
    fields: list[str]
