"""From a time that is proposed to a hold and an appointment, by the use cases of the portal's own API.

A program that names no Idempotency-Key is given one: a hold is a new one each time, as a person may hold again, and a
booking is that of its hold, so that it can be repeated. Once the time is booked by the person, booking it again returns
the appointment.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.appointments.problems import HoldExpired, SlotTaken
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.appointments.queries.slots import SlotNow, slot_now
from app.appointments.schemas import AppointmentOut, HoldOut
from app.appointments.service import booking, holds
from app.appointments.service.holds import Place
from app.appointments.slot_codes import SlotPlace
from app.identity.dependencies import PersonToken
from app.identity.problems import TokenExpired
from app.identity.service.revocation import is_revoked
from app.interop.fhir.identifiers import Proposal, proposal_id, slot_id
from app.interop.fhir.resources.appointments import Facts
from app.kernel import ids
from app.kernel.actor import Actor
from app.kernel.db import Db
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult, replay_result
from app.kernel.parsing import iso_instant
from app.kernel.problems import Problem

MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Keys:
    """The idempotency key that a program sent, and what makes its request the same; None: it sent none."""

    key: str | None
    fingerprint: bytes

    def hold(self) -> IdempotencyRequest:
        """The key of holding a time."""
        if self.key is None:
            return IdempotencyRequest(ids.new_secret(16), b"")
        return IdempotencyRequest(f"{self.key}:hold", self.fingerprint)

    def book(self, hold_id: Any) -> IdempotencyRequest:
        """The key of booking it."""
        if self.key is None:
            return IdempotencyRequest(f"fhir:{hold_id}", b"")
        return IdempotencyRequest(self.key, self.fingerprint)


def conditional_key(if_none_exist: str) -> Keys:
    """The keys of a conditional create: what must not exist is the key, whatever the rest of the resource says."""
    digest = hashlib.sha256(if_none_exist.encode()).hexdigest()
    return Keys(f"fhir-create:{digest}", b"fhir-create")


async def created_before(db: Db, actor: Actor, keys: Keys) -> AppointmentOut | None:
    """The appointment that a conditional create with this key made before."""
    found: IdempotentResult[AppointmentOut] | None = await replay_result(
        db, actor, IdempotencyRequest(keys.key or "", keys.fingerprint), AppointmentOut
    )
    return found.value if found is not None else None


async def hold_proposal(db: Db, token: PersonToken, proposal: Proposal, keys: Keys) -> Facts:
    """Hold a time for its person; returns it with its expiry.

    Raises:
        NotFound, TokenExpired, HoldLimit, SlotTaken, Problem: as `holds.hold`.
    """
    now = await slot_now(db, proposal.place, proposal.person_id)
    if now is None:
        raise SlotTaken
    held = await _held(db, token, proposal, now, keys)
    return pending(proposal, now, held.held_until)


async def _held(db: Db, token: PersonToken, proposal: Proposal, now: SlotNow, keys: Keys) -> HoldOut:
    at = proposal.place
    place = Place(at.unit_id, now.service, at.room, at.start_at)
    try:
        done = await holds.hold(
            db, token.actor, proposal.person_id, place, keys.hold(), token_issued_at=token.issued_at
        )
    except SlotTaken as problem:
        raise with_slots(problem, at) from problem
    return done.value


async def book_proposal(db: Db, token: PersonToken, proposal: Proposal, keys: Keys) -> tuple[Facts, bool]:
    """Book a time for its person: the one that is held for them, or, without a hold, at once. Also returns whether it
    was booked now.

    Raises:
        NotFound, TokenExpired, HoldExpired, AlreadyBooked, SlotTaken, Problem: as `holds.hold` and `booking.book`.
    """
    now = await slot_now(db, proposal.place, proposal.person_id)
    if now is None:
        raise SlotTaken
    if now.folio is not None:
        await require_valid(db, token)
        return facts_of(await own_appointment(db, token.actor, now.folio)), False
    hold_id = now.hold_id
    if hold_id is None:
        hold_id = (await _held(db, token, proposal, now, keys)).id
    once = keys.book(hold_id)
    try:
        done = await booking.book(db, token.actor, proposal.person_id, hold_id, once, token_issued_at=token.issued_at)
    except HoldExpired as problem:
        raise with_slots(problem, proposal.place) from problem
    return facts_of_result(done.value), not done.replayed


async def require_valid(db: Db, token: PersonToken) -> None:
    """Refuse a token that has been revoked, where no statement that decides has looked.

    Raises:
        TokenExpired: it has.
    """
    actor_id = token.actor.id
    if token.issued_at is not None and await is_revoked(db, actor_id, token.issued_at):
        raise TokenExpired


def with_slots(problem: Problem, near: SlotPlace) -> Problem:
    """A refusal whose alternatives carry the ids of their times."""
    for one in problem.extra.get("alternatives", []):
        one["slot"] = slot_id(SlotPlace(near.unit_id, one["room"], iso_instant(one["start_at"])))
    return problem


def pending(proposal: Proposal, now: SlotNow, held_until: datetime | None) -> Facts:
    """A time as it is proposed, or held, for a person."""
    return Facts(
        id=proposal_id(proposal),
        status="pending" if held_until is not None else "proposed",
        person_id=proposal.person_id,
        unit_id=proposal.place.unit_id,
        unit_name=now.unit_name,
        service=now.service,
        room=proposal.place.room,
        start_at=proposal.place.start_at,
        minutes=now.minutes,
        timezone=now.timezone,
        held_until=held_until,
    )


def facts_of(own: OwnAppointment) -> Facts:
    """What a resource says of an appointment that was loaded."""
    return Facts(
        id=own.folio,
        status=own.status,
        person_id=own.person_id,
        unit_id=own.unit_id,
        unit_name=own.unit_name,
        service=own.service,
        room=own.room,
        start_at=own.start_at,
        minutes=own.minutes,
        timezone=own.timezone,
        version=own.version,
        folio=own.folio,
        changed_at=own.changed_at,
        created_at=own.created_at,
        cancel_reason=own.cancel_reason,
        affected=own.affected,
    )


def facts_of_result(done: AppointmentOut, cancel_reason: str | None = None) -> Facts:
    """What a resource says of an appointment that was booked or changed now."""
    return Facts(
        id=done.folio,
        status=done.status,
        person_id=done.person_id,
        unit_id=done.unit_id,
        unit_name=done.unit_name,
        service=done.service,
        room=done.room,
        start_at=done.start_at,
        minutes=done.minutes,
        timezone=done.timezone,
        version=done.version,
        folio=done.folio,
        cancel_reason=cancel_reason,
        affected=done.affected,
    )
