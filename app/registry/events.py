"""What happens in the registry. Ids only; what the new value is stays in the registry."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PersonChanged(DomainEvent):
    """Something about a person changed by a service of the portal. The subject is the person."""

    type: ClassVar[str] = "person.changed"
    what: str


@dataclass(frozen=True, kw_only=True)
class RelativeRegistered(DomainEvent):
    """A dependant was registered at the request of the dependant: the holder, the subject, is notified."""

    type: ClassVar[str] = "relative.registered"
    dependant_id: UUID


@dataclass(frozen=True, kw_only=True)
class RegistrationUndone(DomainEvent):
    """Who approved such a registration took it back within minutes: the holder, the subject, is notified again."""

    type: ClassVar[str] = "relative.registration-undone"
    dependant_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonMerged(DomainEvent):
    """Who proved to be a person of the registry got what somebody had filed with their CURP before. The subject is the
    person; `declared_id` is who had filed it."""

    type: ClassVar[str] = "person.merged"
    declared_id: UUID


@dataclass(frozen=True, kw_only=True)
class NumberReminded(DomainEvent):
    """Somebody who isn't known well enough to be shown it asked for a person's social-security number: it goes to the
    registry's contact. The subject is the person."""

    type: ClassVar[str] = "nss.reminded"


@dataclass(frozen=True, kw_only=True)
class PersonCorrected(DomainEvent):
    """A request corrected these fields of a person, the subject. Old and new values: encrypted, in the correction."""

    type: ClassVar[str] = "person.corrected"
    correction_id: UUID
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class CorrectionUndone(DomainEvent):
    """Who approved a correction took it back: the registry says what it said before. The subject is the person."""

    type: ClassVar[str] = "person.correction-undone"
    correction_id: UUID
    fields: list[str]
