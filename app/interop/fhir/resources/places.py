"""Units, the services that they give, and the times of their rooms."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.appointments.labels import place_of, service_name
from app.appointments.slot_codes import SlotPlace
from app.interop.fhir import identifiers, systems
from app.kernel.i18n import LANGUAGES, use_language
from app.places.models import Unit

SERVICE_TYPES = {
    "family-medicine": ("124", "General Practice"),
    "dental": ("88", "General Dental"),
    "specialist-cardiology": ("165", "Cardiology"),
    "specialist-dermatology": ("168", "Dermatology"),
    "specialist-gynaecology": ("186", "Obstetrics & Gynaecology"),
    "specialist-ophthalmology": ("217", "Ophthalmology"),
    "specialist-orthopaedics": ("218", "Orthopaedic Surgery"),
    "specialist-psychiatry": ("141", "Psychiatry (Requires Referral)"),
    "specialist-surgery": ("221", "Surgery - General"),
    "specialist-urology": ("222", "Urology"),
}
"""Codes of FHIR's example list, where one says the same."""

Resource = dict[str, Any]


def instant_of(moment: datetime, zone: str) -> str:
    """An instant by the clock of a place, with its offset."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def service_concept(service: str) -> Resource:
    """A service as a concept: our code, and one of FHIR's where there is one; in words in the current language."""
    coding = [{"system": systems.service_system(), "code": service, "display": service_name(service)}]
    if service in SERVICE_TYPES:
        code, display = SERVICE_TYPES[service]
        coding.append({"system": systems.SERVICE_TYPE, "code": code, "display": display})
    return {"coding": coding, "text": service_name(service)}


def service_codes(service: str) -> list[tuple[str, str]]:
    """The systems and codes that a service is searched by."""
    own = [(systems.service_system(), service)]
    return [*own, (systems.SERVICE_TYPE, SERVICE_TYPES[service][0])] if service in SERVICE_TYPES else own


def unit_reference(unit_id: UUID, name: str | None = None) -> Resource:
    """A reference to a unit."""
    reference = {"reference": f"Location/{unit_id}"}
    return reference | ({"display": name} if name else {})


def location(unit: Unit) -> Resource:
    """A unit, with its CLUES, and INEGI's key of its state beside the name."""
    address: Resource = {
        "use": "work",
        "type": "physical",
        "city": unit.locality or unit.municipality,
        "district": unit.municipality,
        "state": unit.state,
        "country": "MX",
    }
    if unit.address:
        address["line"] = [unit.address]
    if unit.postal_code:
        address["postalCode"] = unit.postal_code
    if unit.state_code in systems.STATE_KEYS:
        coding = {"system": systems.INEGI, "code": systems.STATE_KEYS[unit.state_code], "display": unit.state}
        address["_state"] = {"extension": [{"url": systems.CODING, "valueCoding": coding}]}
    made: Resource = {
        "resourceType": "Location",
        "id": str(unit.id),
        "meta": {"lastUpdated": unit.imported_at.isoformat(timespec="seconds")},
        "identifier": [{"use": "official", "system": systems.CLUES, "value": unit.clues}],
        "status": "active" if unit.is_operating else "suspended",
        "name": unit.name,
        "mode": "instance",
        "address": address,
        "physicalType": {"coding": [{"system": systems.LOCATION_TYPE, "code": "si", "display": "Site"}]},
    }
    if unit.phone:
        made["telecom"] = [{"system": "phone", "value": unit.phone, "use": "work"}]
    if unit.latitude is not None and unit.longitude is not None:
        made["position"] = {"longitude": unit.longitude, "latitude": unit.latitude}
    return made


@dataclass(frozen=True, slots=True)
class RoomService:
    """A service in a room of a unit, and from when until when it is attended by the weekly patterns."""

    unit_id: UUID
    service: str
    room: int
    valid_from: date
    valid_to: date | None


def healthcare_service(unit: Unit, service: str) -> Resource:
    """A service at a unit."""
    return {
        "resourceType": "HealthcareService",
        "id": identifiers.healthcare_service_id(unit.id, service),
        "active": unit.is_operating,
        "type": [service_concept(service)],
        "location": [unit_reference(unit.id, unit.name)],
        "name": service_name(service),
        "appointmentRequired": True,
    }


def schedule(unit: Unit, one: RoomService) -> Resource:
    """The times of a room for a service: one for each, whatever weekly patterns they come from."""
    horizon: Resource = {"start": one.valid_from.isoformat()}
    if one.valid_to is not None:
        horizon["end"] = one.valid_to.isoformat()
    service = {
        "reference": f"HealthcareService/{identifiers.healthcare_service_id(unit.id, one.service)}",
        "display": service_name(one.service),
    }
    return {
        "resourceType": "Schedule",
        "id": identifiers.schedule_id(unit.id, one.service, one.room),
        "active": unit.is_operating,
        "serviceType": [service_concept(one.service)],
        "actor": [unit_reference(unit.id, unit.name), service],
        "planningHorizon": horizon,
        "comment": place_of(one.service, one.room),
    }


@dataclass(frozen=True, slots=True)
class SlotTime:
    """A time of a room as it is now."""

    unit_id: UUID
    service: str
    room: int
    start_at: datetime
    minutes: int
    timezone: str
    status: str = "free"
    seats: int = 1

    @property
    def end_at(self) -> datetime:
        """When it ends."""
        return self.start_at + timedelta(minutes=self.minutes)

    @property
    def place(self) -> SlotPlace:
        """Where and when it is."""
        return SlotPlace(self.unit_id, self.room, self.start_at)


BOOKING_LINK = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"
CAPACITY = "http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity"


def slot(one: SlotTime, link: str) -> Resource:
    """A time, with the page that opens it (`link`) and how many people can have it, as SMART Scheduling Links names
    them."""
    id_ = identifiers.slot_id(one.place)
    extension: list[Resource] = [{"url": BOOKING_LINK, "valueUrl": f"{link}/{id_}"}]
    if one.seats > 1:
        extension.append({"url": CAPACITY, "valueInteger": one.seats})
    return {
        "resourceType": "Slot",
        "id": id_,
        "extension": extension,
        "serviceType": [service_concept(one.service)],
        "schedule": {"reference": f"Schedule/{identifiers.schedule_id(one.unit_id, one.service, one.room)}"},
        "status": one.status,
        "start": instant_of(one.start_at, one.timezone),
        "end": instant_of(one.end_at, one.timezone),
        "comment": place_of(one.service, one.room),
    }


def is_named(service: str, matches: Any) -> bool:
    """Whether a service's name in one of the languages is what is searched for."""
    for language in LANGUAGES:
        with use_language(language):
            if matches(service_name(service)):
                return True
    return False
