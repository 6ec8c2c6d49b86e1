"""Patients: people of the registry, as they are shown to themselves and to who acts for them."""

from typing import Any

from app.interop.fhir import systems
from app.places.models import Unit
from app.registry.models import Person

GENDERS = {"H": "male", "M": "female", "X": "other"}


def patient_reference(person_id: Any, name: str | None = None) -> dict[str, Any]:
    """A reference to a person."""
    reference = {"reference": f"Patient/{person_id}"}
    return reference | ({"display": name} if name else {})


def patient(person: Person, unit: Unit | None, *, is_known: bool) -> dict[str, Any]:
    """A person. Unless it is known who asks (`is_known`, the full level of assurance), nothing that the registry holds
    but where they are attended."""
    made: dict[str, Any] = {"resourceType": "Patient", "id": str(person.id), "active": True}
    if unit is not None:
        clues = {"system": systems.CLUES, "value": unit.clues}
        made["managingOrganization"] = {"type": "Organization", "identifier": clues, "display": unit.name}
    if not is_known:
        return made
    identifier = [{"use": "official", "system": systems.CURP, "value": person.curp}]
    if person.nss is not None:
        identifier.append({"use": "official", "system": systems.NSS, "value": person.nss})
    family = " ".join(filter(None, (person.first_surname, person.second_surname)))
    name: dict[str, Any] = {"use": "official", "text": person.full_name, "given": person.given_names.split()}
    made["identifier"] = identifier
    made["name"] = [name | ({"family": family} if family else {})]
    made["gender"] = GENDERS[person.sex]
    made["birthDate"] = person.birth_on.isoformat()
    made["communication"] = [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": person.language}]}, "preferred": True}
    ]
    return made
