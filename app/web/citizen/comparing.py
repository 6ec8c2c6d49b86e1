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
    named = [{"key": _("Nombre que se va a comparar"), "value": person.full_name}] if person.given_names else []
    return [*named, {"key": _("CURP que se va a comparar"), "value": nowrap(person.curp)}]
