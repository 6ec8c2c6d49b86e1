"""Actors: who performs a use case. It is the first argument; a route without one must be on the public list."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.kernel.db import Db


class Channel(StrEnum):
    """The channel a person used. Metrics are compared by channel."""

    WEB = "web"
    API = "api"
    DESK = "desk"
    PHONE = "phone"
    JOB = "job"


class Device(StrEnum):
    """Device class, used to break down metrics. `program`: not a browser."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"
    PROGRAM = "program"


class Assurance(StrEnum):
    """Level of identity assurance (modelled on NIST SP 800-63A).

    Low: the person supplied data that the registry holds. Full: they proved control of a contact on file, or showed
    an identity document at the desk.
    """

    LOW = "low"
    FULL = "full"

    def reaches(self, needed: "Assurance") -> bool:
        """Return whether this level satisfies the level needed."""
        return self is Assurance.FULL or needed is Assurance.LOW


class DeviceKind(StrEnum):
    """What a device of a unit is for."""

    KIOSK = "kiosk"
    BOARD = "board"


class Role(StrEnum):
    """Role of a member of staff."""

    RECEPTIONIST = "receptionist"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"


class ActivityTimer(Protocol):
    """Active time of a browser session that no event has recorded yet. The next event consumes all of it."""

    @property
    def seconds(self) -> float:
        """Active seconds since the last event; 0 once consumed."""

    async def consume(self, db: Db) -> None:
        """Reset to zero, in the transaction that recorded the event."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A signed-in person, at a level of `assurance`. `device` is the class of their device; `timer` is set while the
    request counts as a step of their session. `helper` is set when staff act for them, at the counter or on the
    telephone: the rules are the person's, and what is recorded names the member of staff."""

    person_id: UUID
    channel: Channel = Channel.API
    session_id: UUID | None = None
    device: Device | None = None
    timer: ActivityTimer | None = field(default=None, compare=False)
    assurance: Assurance = Assurance.LOW
    helper: "Helper | None" = None

    kind = "citizen"

    @property
    def id(self) -> UUID:
        return self.person_id

    @property
    def holder_id(self) -> UUID | None:
        """Person whose dependants the citizen may act for: themselves, at full assurance only."""
        return self.person_id if self.assurance is Assurance.FULL else None


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff. `unit_ids` is None for staff of every unit."""

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
class Helper:
    """The member of staff who acts for a person, and the assistance in which they do."""

    staff: Staff
    assistance_id: UUID


@dataclass(frozen=True, slots=True)
class UnitDevice:
    """A kiosk or board of a unit, by a token of its own: it may do nothing but what it is for, and there only."""

    device_id: UUID
    device_kind: DeviceKind
    unit_id: UUID
    channel: Channel = Channel.DESK

    kind = "device"

    @property
    def id(self) -> UUID:
        return self.device_id


@dataclass(frozen=True, slots=True)
class Client:
    """A program of another system, by credentials of its own. It may read what its scopes name, at its units; with None
    at every unit."""

    client_id: UUID
    scopes: frozenset[str]
    unit_ids: frozenset[UUID] | None
    channel: Channel = Channel.API

    kind = "client"

    @property
    def id(self) -> UUID:
        return self.client_id

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
    """A caller who isn't authenticated. Without a meter: what they do while signing in is part of their transaction,
    so its time is left for the fact that ends it. `known_device` is their browser's device cookie, as it was sent."""

    channel: Channel = Channel.WEB
    address: str = ""
    device: Device | None = None
    known_device: str = field(default="", compare=False, repr=False)

    kind = "anonymous"

    @property
    def id(self) -> None:
        return None


Actor = Citizen | Staff | UnitDevice | Client | System | Anonymous


def doer_of(actor: Actor) -> Actor:
    """Who does it in person: the member of staff who acts for a citizen, otherwise the actor."""
    return actor.helper.staff if isinstance(actor, Citizen) and actor.helper is not None else actor
