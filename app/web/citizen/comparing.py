"""What an officer compares with a document, as the person reads it who wrote it."""

from app.catalog.definition import Service
from app.kernel.i18n import _
from app.registry.models import Person
from app.web.rendering import nowrap

COMPARED = "data_compared"


def compared(service: Service, person: Person) -> list[dict[str, object]]:
    """The name and the CURP of who opened an account by them, for a service whose officer compares them. Both are what
    they typed themselves; nothing of the registry is shown."""
    if person.declared_at is None or all(one.rule != COMPARED for one in service.eligibility):
        return []
    rows: list[tuple[str, object]] = [(_("CURP que se va a comparar"), nowrap(person.curp))]
    if person.given_names:
        rows.insert(0, (_("Nombre que se va a comparar"), person.full_name))
    return [{"key": key, "value": value} for key, value in rows]
