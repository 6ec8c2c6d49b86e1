"""Appointments, proposed, held or booked, and the answers of their people."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from app.appointments.labels import place_of, service_name
from app.appointments.schemas import CancelReason
from app.appointments.slot_codes import SlotPlace
from app.interop.fhir import identifiers, systems
from app.interop.fhir.resources.people import patient_reference
from app.interop.fhir.resources.places import instant_of, service_concept, unit_reference

STATUSES = {
    "proposed": "proposed",
    "pending": "pending",
    "booked": "booked",
    "cancelled": "cancelled",
    "attended": "fulfilled",
    "missed": "noshow",
    "unserved": "cancelled",
}
"""FHIR's status for each of ours. Who came and wasn't attended is no no-show: the unit let the appointment down."""
REASONS = {"better": "pat-fb", "no-transport": "pat-lt", "another-time": "pat", "other": "pat"}
"""FHIR's codes of why the person cancelled; our own goes beside them."""
OF_PROVIDER = "prov"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a resource says of an appointment. `id`: its folio once it is booked. `person_id` is None for who may not
    see whose it is."""

    id: str
    status: str
    person_id: UUID | None
    unit_id: UUID
    unit_name: str
    service: str
    room: int
    start_at: datetime
    minutes: int
    timezone: str
    version: int | None = None
    folio: str | None = None
    changed_at: datetime | None = None
    created_at: datetime | None = None
    cancel_reason: str | None = None
    affected: str | None = None
    held_until: datetime | None = None
    confirmed: bool = False

    @property
    def place(self) -> SlotPlace:
        """Where and when it is."""
        return SlotPlace(self.unit_id, self.room, self.start_at)


def appointment(facts: Facts) -> dict[str, Any]:
    """An appointment. The patient comes first of its participants."""
    start = instant_of(facts.start_at, facts.timezone)
    end = instant_of(facts.start_at + timedelta(minutes=facts.minutes), facts.timezone)
    made: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": facts.id,
        "meta": _meta(facts),
        "status": STATUSES[facts.status],
        "serviceType": [service_concept(facts.service)],
        "description": f"{service_name(facts.service)}: {place_of(facts.service, facts.room)}",
        "start": start,
        "end": end,
        "minutesDuration": facts.minutes,
        "slot": [{"reference": f"Slot/{identifiers.slot_id(facts.place)}"}],
        "participant": _participants(facts),
        "requestedPeriod": [{"start": start, "end": end}],
    }
    if facts.folio is not None:
        made["identifier"] = [{"use": "official", "system": systems.folio_system(), "value": facts.folio}]
    if facts.created_at is not None:
        made["created"] = instant_of(facts.created_at, facts.timezone)
    if made["status"] == "cancelled":
        made["cancelationReason"] = _cancellation(facts)
    extension = []
    if facts.held_until is not None:
        until = instant_of(facts.held_until, facts.timezone)
        extension.append({"url": systems.own("StructureDefinition/held-until"), "valueInstant": until})
    if facts.affected is not None and facts.status == "booked":
        extension.append({"url": systems.own("StructureDefinition/affected"), "valueCode": facts.affected})
    if extension:
        made["extension"] = extension
    return {name: value for name, value in made.items() if value}


def _meta(facts: Facts) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if facts.version is not None:
        meta["versionId"] = str(facts.version)
    if facts.changed_at is not None:
        meta["lastUpdated"] = facts.changed_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return meta


def _participants(facts: Facts) -> list[dict[str, Any]]:
    service = identifiers.healthcare_service_id(facts.unit_id, facts.service)
    of_service = {"reference": f"HealthcareService/{service}", "display": service_name(facts.service)}
    found = [
        {"actor": unit_reference(facts.unit_id, facts.unit_name), "required": "required", "status": "accepted"},
        {"actor": of_service, "required": "required", "status": "accepted"},
    ]
    if facts.person_id is None:
        return found
    return [{"actor": patient_reference(facts.person_id), "required": "required", "status": answer_of(facts)}, *found]


def answer_of(facts: Facts) -> str:
    """How the person answered, as FHIR names it: who booked has accepted, and one who hasn't yet is to act."""
    if facts.status in ("proposed", "pending"):
        return "needs-action"
    return "declined" if facts.status == "cancelled" else "accepted"


def _cancellation(facts: Facts) -> dict[str, Any]:
    code = OF_PROVIDER if facts.status == "unserved" else REASONS.get(facts.cancel_reason or "", OF_PROVIDER)
    coding = [{"system": systems.CANCEL_REASON, "code": code}]
    if facts.cancel_reason in REASONS:
        coding.append({"system": systems.reason_system(), "code": facts.cancel_reason})
    return {"coding": coding}


def reason_of(resource: dict[str, Any]) -> CancelReason:
    """Our reason for a cancellation, of our codes or FHIR's; of another, «other»."""
    concept = resource.get("cancelationReason")
    coding = concept.get("coding") if isinstance(concept, dict) else None
    codes = [one.get("code") for one in coding if isinstance(one, dict)] if isinstance(coding, list) else []
    reasons: tuple[CancelReason, ...] = get_args(CancelReason)
    return next((one for one in reasons if one in codes or (REASONS[one] != "pat" and REASONS[one] in codes)), "other")


def appointment_response(facts: Facts) -> dict[str, Any]:
    """The answer of the person of an appointment, as it stands."""
    return {
        "resourceType": "AppointmentResponse",
        "id": facts.id,
        "appointment": {"reference": f"Appointment/{facts.id}"},
        "start": instant_of(facts.start_at, facts.timezone),
        "end": instant_of(facts.start_at + timedelta(minutes=facts.minutes), facts.timezone),
        "actor": patient_reference(facts.person_id),
        "participantStatus": answer_of(facts),
    }
