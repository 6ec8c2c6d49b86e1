"""The parameters of an operation: of the body (`Parameters`) or of the address. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid

MAX_PARAMETERS = 100


class OperationParameters:
    """The values of each parameter: texts, references and resources, as they were sent."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        self._pairs = list(pairs)[:MAX_PARAMETERS]

    @classmethod
    def of_resource(cls, resource: Mapping[str, Any]) -> "OperationParameters":
        """Of a Parameters resource; what has no name or value is left out."""
        found = resource.get("parameter", [])
        pairs = []
        for one in found if isinstance(found, list) else []:
            if not isinstance(one, dict) or not isinstance(one.get("name"), str):
                continue
            value = next((value for name, value in one.items() if name.startswith("value")), one.get("resource"))
            if value is not None:
                pairs.append((one["name"], value))
        return cls(pairs)

    @property
    def names(self) -> set[str]:
        """The names of those that were sent."""
        return {name for name, _value in self._pairs}

    def texts(self, name: str) -> list[str]:
        """The values of one that is a text, a date or a code."""
        return [value for one, value in self._pairs if one == name and isinstance(value, str)]

    def references(self, name: str) -> list[Mapping[str, Any]]:
        """The values of one that is a reference; in an address it is the reference alone."""
        values = [value for one, value in self._pairs if one == name]
        found = [{"reference": value} if isinstance(value, str) else value for value in values]
        return [one for one in found if isinstance(one, dict)]


def reference_id(reference: Mapping[str, Any], kind: str) -> str | None:
    """The id of a reference to this kind of resource, relative or absolute; None when it is to another, or to none."""
    text = reference.get("reference")
    if not isinstance(text, str):
        return None
    before, _slash, id_ = text.rpartition("/")
    return id_ if before.rpartition("/")[2] == kind else None


def require_reference(parameters: OperationParameters, name: str, kind: str) -> str:
    """The id of the one reference of an operation.

    Raises:
        Invalid: there is none, or it isn't to this kind.
    """
    for one in parameters.references(name):
        id_ = reference_id(one, kind)
        if id_ is not None:
            return id_
    raise Invalid(fields=[FieldError(name, N_("Falta este dato."), "missing")])
