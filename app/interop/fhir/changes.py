"""What a changed Appointment asks for: to be cancelled, or to be moved. Everything else has to stay as it was. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.appointments.schemas import CancelReason
from app.appointments.slot_codes import SlotPlace
from app.interop.fhir.identifiers import parse_slot_id
from app.interop.fhir.parameters import reference_id
from app.interop.fhir.problems import ChangeNotSupported
from app.interop.fhir.resources.appointments import Facts, reason_of
from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError

CHANGEABLE = frozenset({"status", "slot", "start", "end", "minutesDuration", "cancelationReason", "participant"})
"""What a change is read from. Of `participant`, those who take part stay."""
UNREAD = frozenset({"meta", "text", "language", "implicitRules"})
"""About the resource, not the appointment: programs may add or leave them out."""
NO_CHANGE = N_("Esto no se puede cambiar.")
NO_SLOT = N_("Ponga en slot un horario de la misma unidad, y en start su hora.")


@dataclass(frozen=True, slots=True)
class Cancellation:
    """To be cancelled, and why."""

    reason: CancelReason


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A time that is proposed or held, to be booked."""


@dataclass(frozen=True, slots=True)
class Move:
    """To another time of the same unit and service."""

    room: int
    start_at: datetime


Change = Cancellation | Move | Confirmation | None


def change_of(facts: Facts, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """What is asked for; None: nothing.

    Raises:
        ChangeNotSupported: something else was changed; `fields` says what.
    """
    wrong = [
        FieldError(name, NO_CHANGE, "not_changeable")
        for name in sorted(after.keys() - CHANGEABLE - UNREAD)
        if not _same(before.get(name), after[name])
    ]
    if "participant" in after and _actors(after) != _actors(before):
        wrong.append(FieldError("participant", NO_CHANGE, "not_changeable"))
    status = after.get("status", before["status"])
    if status == "cancelled" and before["status"] != "cancelled" and not wrong:
        return Cancellation(reason_of(dict(after)))
    confirms = status == "booked" and before["status"] in ("proposed", "pending")
    if status != before["status"] and not confirms:
        wrong.append(FieldError("status", NO_CHANGE, "not_changeable"))
    if wrong:
        raise ChangeNotSupported(fields=wrong)
    place = _place(facts, before, after)
    # Of another time a program may leave the end as it was; of the same one it would be another length.
    longer = [name for name in ("end", "minutesDuration") if name in after and not _same(before.get(name), after[name])]
    if place == facts.place and longer:
        raise ChangeNotSupported(fields=[FieldError(name, NO_CHANGE, "not_changeable") for name in longer])
    if confirms and place == facts.place:
        return Confirmation()
    if confirms:
        raise ChangeNotSupported(fields=[FieldError("slot", NO_CHANGE, "not_changeable")])
    return Move(place.room, place.start_at) if place != facts.place else None


def _place(facts: Facts, before: Mapping[str, Any], after: Mapping[str, Any]) -> SlotPlace:
    """The time that a changed appointment names: by its slot, or, in the same room, by its start."""
    wrong = ChangeNotSupported(fields=[FieldError("slot", NO_SLOT, "not_a_slot_of_the_unit")])
    place = facts.place
    slots = after.get("slot", before.get("slot"))
    if slots != before.get("slot"):
        first = slots[0] if isinstance(slots, list) and len(slots) == 1 and isinstance(slots[0], dict) else {}
        try:
            place = parse_slot_id(reference_id(first, "Slot") or "")
        except ValueError as error:
            raise wrong from error
        if place.unit_id != facts.unit_id:
            raise wrong
    start = after.get("start", before["start"])
    if not _same(start, before["start"]):
        try:
            start_at = iso_instant(str(start))
        except ValueError as error:
            raise wrong from error
        if slots != before.get("slot") and start_at != place.start_at:
            raise wrong
        place = SlotPlace(place.unit_id, place.room, start_at)
    return place


def _actors(resource: Mapping[str, Any]) -> set[str]:
    found = resource.get("participant")
    actors = [one.get("actor") for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return {str(one.get("reference")) for one in actors if isinstance(one, Mapping)}


def _same(one: Any, other: Any) -> bool:
    """Whether two values say the same: instants whatever their offset, and concepts whatever their words."""
    if isinstance(one, str) and isinstance(other, str):
        try:
            return iso_instant(one) == iso_instant(other)
        except ValueError:
            return one == other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = (set(one) | set(other)) - {"text", "display"}
        return all(_same(one.get(name), other.get(name)) for name in names)
    return bool(one == other)
