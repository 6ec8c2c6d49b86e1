"""Resources that go with what a search found (`_include`): each is read as its own address would give it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from app.kernel.problems import NotFound

Resource = Mapping[str, Any]
Reads = Mapping[str, Callable[[str], Awaitable[Resource]]]
"""How each kind is read, by id."""

PATHS: Mapping[str, tuple[str, frozenset[str]]] = {
    "HealthcareService:location": ("location", frozenset({"Location"})),
    "Schedule:actor": ("actor", frozenset({"Location", "HealthcareService"})),
    "Slot:schedule": ("schedule", frozenset({"Schedule"})),
    "Appointment:actor": ("participant", frozenset({"Patient", "Location", "HealthcareService"})),
    "Appointment:location": ("participant", frozenset({"Location"})),
    "Appointment:patient": ("participant", frozenset({"Patient"})),
    "Appointment:slot": ("slot", frozenset({"Slot"})),
    "AppointmentResponse:appointment": ("appointment", frozenset({"Appointment"})),
}
"""Where the references of each inclusion are, and to which kinds."""


def references_of(resource: Resource, include: str) -> Iterable[str]:
    """The references that an inclusion follows."""
    element, kinds = PATHS[include]
    found = resource.get(element, [])
    for one in found if isinstance(found, list) else [found]:
        reference = one.get("actor", one).get("reference", "")
        if reference.partition("/")[0] in kinds:
            yield reference


async def included(found: Sequence[Resource], includes: Sequence[str], reads: Reads) -> list[Resource]:
    """What goes with these resources, each once. What the caller may not read isn't included."""
    wanted: dict[str, None] = {}
    for one in found:
        for include in includes:
            wanted |= dict.fromkeys(references_of(one, include))
    made = []
    for reference in wanted:
        kind, _slash, id_ = reference.partition("/")
        if kind not in reads:
            continue
        try:
            made.append(await reads[kind](id_))
        except NotFound:
            continue
    return made
