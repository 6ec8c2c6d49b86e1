"""Names that service files may use each have a meaning here, and no meaning is without its name."""

import pytest

from app.catalog import vocabulary
from app.catalog.definition import FieldView, Text
from app.catalog.loader import load_services
from app.kernel import ids
from app.registry.models import Person
from app.requests.service.drafts import _prefilled
from app.requests.service.effects import EFFECTS

KNOWN = {
    "person.curp": "XAXX900517MDFABC01",
    "person.nss": "92919084431",
    "person.postal_code": "06700",
    "person.email": "ana@ejemplo.mx",
    "person.phone": "+525512345678",
    "person.shift": "V",
    "person.unit_id": ids.new_id(),
}


def test_every_effect_has_its_function_and_every_function_its_name() -> None:
    assert set(EFFECTS) == vocabulary.EFFECTS


def test_every_effect_is_used_by_a_service() -> None:
    assert {name for service in load_services().values() for name in service.result.effects} == vocabulary.EFFECTS


@pytest.mark.parametrize("path", sorted(vocabulary.PREFILL))
def test_every_value_a_field_may_start_from_is_known(path: str) -> None:
    view = FieldView(label=Text(es="Dato", en="Value"), prefill=path)
    service = load_services()["complaint"]
    asking = service.model_copy(update={"form": service.form.model_copy(update={"fields": {"it": view}})})
    person = Person(**{name.removeprefix("person."): value for name, value in KNOWN.items()})
    assert _prefilled(asking, person) == {"it": str(KNOWN[path])}
    assert _prefilled(asking, Person()) == {}
