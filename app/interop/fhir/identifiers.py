"""Ids of FHIR resources: made of what they name, so that no table maps them, and opaque to who reads them. Pure.

A person's is the registry's id, a booked appointment's its folio. An appointment that is proposed or held has the id of
its time and person: the same before and after `$hold`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.appointments.rules import POLICIES
from app.appointments.slot_codes import SIZE, UUID_BYTES, SlotPlace, pack, parse_slot_code, slot_code, unpack
from app.kernel.ids import opaque, parse_opaque

DIGEST_BYTES, ROOM_BYTES = 8, 2


def _digest(service: str) -> bytes:
    return hashlib.sha256(service.encode()).digest()[:DIGEST_BYTES]


_KNOWN = {_digest(service): service for service in POLICIES}


def service_of(digest: bytes, offered: Iterable[str] = ()) -> str | None:
    """The service with this digest: one that every unit may give, or one of those that this unit offers."""
    return _KNOWN.get(digest) or next((one for one in offered if _digest(one) == digest), None)


@dataclass(frozen=True, slots=True)
class OfferedService:
    """A service at a unit, by the digest of its name; in a room, where it is a schedule's."""

    unit_id: UUID
    digest: bytes
    room: int | None = None


def healthcare_service_id(unit_id: UUID, service: str) -> str:
    """The id of a service at a unit."""
    return opaque(unit_id.bytes + _digest(service))


def parse_healthcare_service_id(text: str) -> OfferedService:
    """The service at a unit of such an id.

    Raises:
        ValueError: it is none.
    """
    data = parse_opaque(text, UUID_BYTES + DIGEST_BYTES)
    return OfferedService(UUID(bytes=data[:UUID_BYTES]), data[UUID_BYTES:])


def schedule_id(unit_id: UUID, service: str, room: int) -> str:
    """The id of a room's times for a service."""
    return opaque(unit_id.bytes + _digest(service) + room.to_bytes(ROOM_BYTES))


def parse_schedule_id(text: str) -> OfferedService:
    """The service in a room of a unit of such an id.

    Raises:
        ValueError: it is none.
    """
    data = parse_opaque(text, UUID_BYTES + DIGEST_BYTES + ROOM_BYTES)
    digest = data[UUID_BYTES : UUID_BYTES + DIGEST_BYTES]
    return OfferedService(UUID(bytes=data[:UUID_BYTES]), digest, int.from_bytes(data[UUID_BYTES + DIGEST_BYTES :]))


slot_id, parse_slot_id = slot_code, parse_slot_code


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time for a person, not booked yet."""

    place: SlotPlace
    person_id: UUID


def proposal_id(proposal: Proposal) -> str:
    """The id of an appointment that is proposed or held."""
    return opaque(pack(proposal.place) + proposal.person_id.bytes)


def parse_proposal_id(text: str) -> Proposal:
    """The time and person of such an id.

    Raises:
        ValueError: it is none; a booked appointment's is a folio.
    """
    data = parse_opaque(text, SIZE + UUID_BYTES)
    return Proposal(unpack(data[:SIZE]), UUID(bytes=data[SIZE:]))


def is_proposal_id(text: str) -> bool:
    """Whether an id is of an appointment that isn't booked."""
    try:
        parse_proposal_id(text)
    except ValueError:
        return False
    return True
