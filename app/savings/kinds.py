"""Which kind of transaction each service is: parameters of a kind count where a service has none of its own."""

from app.appointments.labels import SERVICES, SPECIALTIES
from app.catalog.loader import load_services

APPOINTMENTS = ("appointment", "appointment-change")
"""Kinds whose transactions are over at once, or never, and whose queue and reception no ticket records."""


def kinds_of_services() -> dict[str, str]:
    """Of which kind of transaction each service is: as its file says; appointments are a kind, changes of one
    another."""
    kinds = {service.id: service.baseline for service in load_services().values()}
    kinds |= dict.fromkeys([*SERVICES, *(f"specialist-{name}" for name in SPECIALTIES)], "appointment")
    return kinds | dict.fromkeys(("appointment-move", "appointment-cancel"), "appointment-change")


def services_of(*kinds: str) -> list[str]:
    """The services of these kinds."""
    return [service for service, kind in kinds_of_services().items() if kind in kinds]
