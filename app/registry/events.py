"""Events of the registry. Ids only; new values stay in the registry."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PersonChanged(DomainEvent):
    """A service of the portal changed a person's data; `what` says which. The subject is the person."""

    type: ClassVar[str] = "person.changed"
    what: str


@dataclass(frozen=True, kw_only=True)
class RelativeRegistered(DomainEvent):
    """A dependant was registered at the request of the dependant: the holder, the subject, is notified."""

    type: ClassVar[str] = "relative.registered"
    dependant_id: UUID


@dataclass(frozen=True, kw_only=True)
class RegistrationUndone(DomainEvent):
    """The approver undid the registration of a dependant within minutes: the holder, the subject, is notified again."""

    type: ClassVar[str] = "relative.registration-undone"
    dependant_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonMerged(DomainEvent):
    """The requests of a declared person were merged into the verified person with the same CURP, the subject.
    `declared_id` is the declared person."""

    type: ClassVar[str] = "person.merged"
    declared_id: UUID


@dataclass(frozen=True, kw_only=True)
class NumberReminded(DomainEvent):
    """A caller at low assurance requested a person's social-security number: it is sent to the registry's contact. The
    subject is the person."""

    type: ClassVar[str] = "nss.reminded"


@dataclass(frozen=True, kw_only=True)
class PersonCorrected(DomainEvent):
    """A request corrected these fields of a person, the subject. Old and new values: encrypted, in the correction."""

    type: ClassVar[str] = "person.corrected"
    correction_id: UUID
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class CorrectionUndone(DomainEvent):
    """The approver undid a correction: the previous values were restored. The subject is the person."""

    type: ClassVar[str] = "person.correction-undone"
    correction_id: UUID
    fields: list[str]
