"""What can be done with each kind of resource: the routes search by it, and the CapabilityStatement is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import __version__
from app.interop.fhir import systems
from app.interop.fhir.search import Kind, Searchable

IHE = "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/"
SMART_LINKS = "http://fhir-registry.smarthealthit.org/OperationDefinition/bulk-publish"
PUBLISHED_ON = "2026-11-30"


@dataclass(frozen=True, slots=True)
class Supported:
    """What is supported of a kind of resource. `operations`: their definitions by name."""

    interactions: tuple[str, ...]
    searchable: Searchable
    versioning: str = "no-version"
    operations: Mapping[str, str] = field(default_factory=dict)
    conditional_create: bool = False
    documentation: str = ""


READ = ("read", "search-type")

RESOURCES: Mapping[str, Supported] = {
    "Location": Supported(
        READ,
        Searchable(
            {
                "_id": Kind.TOKEN,
                "identifier": Kind.TOKEN,
                "name": Kind.STRING,
                "address": Kind.STRING,
                "address-city": Kind.STRING,
                "address-state": Kind.STRING,
                "address-postalcode": Kind.STRING,
                "status": Kind.TOKEN,
            }
        ),
        documentation="Units of the agency. Public.",
    ),
    "HealthcareService": Supported(
        READ,
        Searchable(
            {
                "_id": Kind.TOKEN,
                "active": Kind.TOKEN,
                "location": Kind.REFERENCE,
                "name": Kind.STRING,
                "service-type": Kind.TOKEN,
            },
            frozenset({"HealthcareService:location"}),
        ),
        documentation="A service at a unit. Public.",
    ),
    "Schedule": Supported(
        READ,
        Searchable(
            {"_id": Kind.TOKEN, "active": Kind.TOKEN, "actor": Kind.REFERENCE, "service-type": Kind.TOKEN},
            frozenset({"Schedule:actor"}),
        ),
        documentation="The times of a room for a service. Public.",
    ),
    "Slot": Supported(
        READ,
        Searchable(
            {
                "schedule": Kind.REFERENCE,
                "schedule.actor": Kind.REFERENCE,
                "service-type": Kind.TOKEN,
                "start": Kind.DATE,
                "status": Kind.TOKEN,
            },
            frozenset({"Slot:schedule"}),
            frozenset({"start"}),
        ),
        documentation="Times that anyone can have; one by one, also those that are taken. A search needs `schedule` or "
        "`schedule.actor`, of one unit. Public.",
    ),
    "Patient": Supported(
        READ,
        Searchable(
            {
                "_id": Kind.TOKEN,
                "identifier": Kind.TOKEN,
                "name": Kind.STRING,
                "family": Kind.STRING,
                "given": Kind.STRING,
                "birthdate": Kind.DATE,
                "gender": Kind.TOKEN,
            }
        ),
        documentation="The person who signed in, and the dependants that they act for.",
    ),
    "Appointment": Supported(
        ("read", "search-type", "create", "update", "patch"),
        Searchable(
            {
                "_id": Kind.TOKEN,
                "actor": Kind.REFERENCE,
                "date": Kind.DATE,
                "identifier": Kind.TOKEN,
                "location": Kind.REFERENCE,
                "patient": Kind.REFERENCE,
                "patient.identifier": Kind.TOKEN,
                "service-type": Kind.TOKEN,
                "slot": Kind.REFERENCE,
                "status": Kind.TOKEN,
            },
            frozenset(
                {"Appointment:actor", "Appointment:location", "Appointment:patient", "Appointment:slot"},
            ),
            frozenset({"date", "-date"}),
        ),
        versioning="versioned-update",
        operations={name: f"{IHE}appointment-{name}" for name in ("find", "hold", "book")},
        conditional_create=True,
        documentation="Of the person who signed in and the dependants that they act for. A client with the scope "
        "`appointments.read` searches by `location` and `date`, a day. An update moves or cancels, on the version in "
        "If-Match or in `meta.versionId`.",
    ),
    "AppointmentResponse": Supported(
        ("read", "search-type", "create"),
        Searchable(
            {
                "actor": Kind.REFERENCE,
                "appointment": Kind.REFERENCE,
                "part-status": Kind.TOKEN,
                "patient": Kind.REFERENCE,
            },
            frozenset({"AppointmentResponse:appointment"}),
        ),
        documentation="How the person of an appointment answered: `accepted` says that they will come, or takes the "
        "time that is offered instead (`start`); `declined` cancels.",
    ),
}


def capability_statement() -> dict[str, Any]:
    """The statement of what this server can do."""
    return {
        "resourceType": "CapabilityStatement",
        "id": "ventanilla",
        "url": systems.own("metadata"),
        "version": __version__,
        "name": "Ventanilla",
        "title": "Ventanilla: appointments of a social-security institute",
        "status": "active",
        "date": PUBLISHED_ON,
        "kind": "instance",
        "instantiates": ["https://profiles.ihe.net/ITI/Scheduling/CapabilityStatement/IHE.Scheduling.server"],
        "software": {"name": "Ventanilla", "version": __version__},
        "implementation": {"description": "Ventanilla", "url": systems.base()},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json", "application/merge-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "description": "A bearer token of the portal's API: of a person (docs/api.md), or of a client.",
                },
                "resource": [_resource(kind, one) for kind, one in RESOURCES.items()],
                "operation": [{"name": "bulk-publish", "definition": SMART_LINKS}],
            }
        ],
    }


def _resource(kind: str, one: Supported) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": kind,
        "documentation": one.documentation,
        "interaction": [{"code": code} for code in one.interactions],
        "versioning": one.versioning,
        "readHistory": False,
    }
    if "create" in one.interactions:
        made["conditionalCreate"] = one.conditional_create
    if "update" in one.interactions:
        made |= {"updateCreate": False, "conditionalUpdate": False, "conditionalRead": "not-match"}
    if one.searchable.includes:
        made["searchInclude"] = sorted(one.searchable.includes)
    # A chain isn't a parameter of its own in the statement.
    known = {name: of for name, of in one.searchable.parameters.items() if "." not in name}
    made["searchParam"] = [{"name": name, "type": of.value} for name, of in known.items()]
    if one.operations:
        made["operation"] = [{"name": name, "definition": url} for name, url in one.operations.items()]
    return made
