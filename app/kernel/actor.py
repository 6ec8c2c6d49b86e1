"""Who acts. A use case takes an actor first; a route without one must be on the public list."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.kernel.db import Db
from app.kernel.device import Device


class Channel(StrEnum):
    """The way a person reached us; measurement compares them."""

    WEB = "web"
    API = "api"
    DESK = "desk"
    PHONE = "phone"
    JOB = "job"


class Assurance(StrEnum):
    """How sure the portal is that a person is who they say (in the manner of NIST SP 800-63A).

    Low: they knew what the registry holds of them. Full: they proved a contact that the registry or the account had,
    or showed a document at the desk.
    """

    LOW = "low"
    FULL = "full"

    def reaches(self, needed: "Assurance") -> bool:
        """Whether this level is enough for what needs another."""
        return self is Assurance.FULL or needed is Assurance.LOW


class Role(StrEnum):
    """What a member of staff is trusted with."""

    RECEPTIONIST = "receptionist"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"


class ActivityTimer(Protocol):
    """The time a visit has spent on nothing recorded yet. The first fact recorded takes it all."""

    @property
    def seconds(self) -> float:
        """Active seconds since the last fact; 0 once taken."""

    async def consume(self, db: Db) -> None:
        """A fact took them: back to zero, in the transaction that recorded it."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person who proved who they are, as far as `assurance` says. `device` is what they use; `meter` is there while
    the portal measures a step of their visit."""

    person_id: UUID
    channel: Channel = Channel.API
    session_id: UUID | None = None
    device: Device | None = None
    timer: ActivityTimer | None = field(default=None, compare=False)
    assurance: Assurance = Assurance.LOW

    kind = "citizen"

    @property
    def id(self) -> UUID:
        return self.person_id

    @property
    def holder_id(self) -> UUID | None:
        """Whose dependants the citizen acts for: their own, once it is sure who they are."""
        return self.person_id if self.assurance is Assurance.FULL else None


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; `unit_ids` None means every unit."""

    staff_id: UUID
    role: Role
    unit_ids: frozenset[UUID] | None
    channel: Channel = Channel.DESK
    session_id: UUID | None = None

    kind = "staff"

    @property
    def id(self) -> UUID:
        return self.staff_id

    def works_at(self, unit_id: UUID) -> bool:
        return self.unit_ids is None or unit_id in self.unit_ids


@dataclass(frozen=True, slots=True)
class System:
    """The portal itself, in a job or a command."""

    name: str
    channel: Channel = Channel.JOB

    kind = "system"

    @property
    def id(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Somebody who has not said who they are. Without a meter: what they do at the door is part of their transaction,
    so its time is left for the fact that ends it. `known_device` is their browser's device cookie, as it was sent."""

    channel: Channel = Channel.WEB
    address: str = ""
    device: Device | None = None
    known_device: str = field(default="", compare=False, repr=False)

    kind = "anonymous"

    @property
    def id(self) -> None:
        return None


Actor = Citizen | Staff | System | Anonymous
