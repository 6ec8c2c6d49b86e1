"""The services of Open311 and their attributes, from the form of the service `complaint`: each kind of it is one."""

from datetime import date
from typing import Any

from app.catalog.definition import FieldView, Option, Service
from app.catalog.loader import get_service
from app.interop.open311.problems import ServiceCodeUnknown
from app.kernel.clock import local_day
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import iso_date, iso_instant
from app.kernel.problems import FieldError, Invalid

SERVICE = "complaint"
ABOUT, UNIT, STORY = "about", "unit_id", "story"
"""The answers that are no attributes: the service code, the location and the description."""
DATATYPES = {"textarea": "text", "radios": "singlevaluelist", "select": "singlevaluelist", "date": "datetime"}
"""Of the standard's, by the widget of a field; the rest are strings."""
GROUP = N_("Quejas y sugerencias")
A_DAY = N_("Escriba el día, como 2026-11-30.")
NO_ATTRIBUTE = N_("Este service_code no tiene ese atributo.")


def complaint() -> Service:
    """The service of the catalogue."""
    return get_service(SERVICE)


def kinds() -> dict[str, Option]:
    """What one may write, by service code."""
    return {str(one.value): one for one in complaint().form.fields[ABOUT].options}


def service_name(code: str) -> str:
    """What a service code is called; the code itself, of a version that had others."""
    found = kinds().get(code)
    return str(found.label) if found else code


def require_code(code: str) -> str:
    """The service code, if there is such a service.

    Raises:
        ServiceCodeUnknown.
    """
    if code not in kinds():
        raise ServiceCodeUnknown
    return code


def service_list() -> list[dict[str, Any]]:
    """The services there are."""
    one = complaint()
    return [
        {
            "service_code": code,
            "service_name": str(kind.label),
            "description": str(one.summary),
            "metadata": bool(_attributes()),
            "type": "realtime",
            "keywords": str(one.name),
            "group": gettext(GROUP),
        }
        for code, kind in kinds().items()
    ]


def definition(code: str) -> dict[str, Any]:
    """The attributes of a service.

    Raises:
        ServiceCodeUnknown.
    """
    required = complaint().form.json_schema.get("required", [])
    attributes = []
    for order, (name, view) in enumerate(_attributes().items(), start=1):
        made: dict[str, Any] = {
            "variable": True,
            "code": name,
            "datatype": DATATYPES.get(view.widget, "string"),
            "required": name in required,
            "datatype_description": str(view.hint) if view.hint else None,
            "order": order,
            "description": str(view.label),
        }
        if view.options:
            made["values"] = [{"key": one.value, "name": str(one.label)} for one in view.options]
        attributes.append(made)
    return {"service_code": require_code(code), "attributes": attributes}


def _attributes() -> dict[str, FieldView]:
    form = complaint().form
    names = [name for page in form.pages for name in page.fields if name not in (ABOUT, UNIT, STORY)]
    return {name: form.fields[name] for name in names}


def answers_of(attributes: dict[str, str], zone: str) -> dict[str, Any]:
    """The answers that attributes are. `zone`: the clock by which an instant is a day.

    Raises:
        Invalid: there is no such attribute, or a day can't be read.
    """
    known = _attributes()
    wrong, answers = [], {}
    for code, value in attributes.items():
        if code not in known:
            wrong.append(FieldError(f"attribute[{code}]", NO_ATTRIBUTE, "extra_forbidden"))
            continue
        try:
            answers[code] = _day(value, zone).isoformat() if known[code].widget == "date" else value
        except ValueError:
            wrong.append(FieldError(f"attribute[{code}]", A_DAY, "date_parsing"))
    if wrong:
        raise Invalid(fields=wrong)
    return answers


def _day(value: str, zone: str) -> date:
    return iso_date(value) if "T" not in value else local_day(iso_instant(value), zone)
