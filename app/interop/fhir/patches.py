"""Partial changes of a resource: JSON Patch (RFC 6902: add, replace, remove, test) and merge patch (RFC 7396). Pure."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from app.interop.fhir.problems import ResourceUnreadable
from app.kernel.parsing import whole_number
from app.kernel.problems import Stale

MAX_OPERATIONS = 50
KIND = "JSON Patch"
MISSING = object()


def merged(resource: Any, patch: Any) -> Any:
    """A resource after a merge patch."""
    if not isinstance(patch, Mapping):
        return patch
    made = dict(resource) if isinstance(resource, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


def patched(resource: Mapping[str, Any], operations: Any) -> dict[str, Any]:
    """A resource after the operations of a JSON Patch.

    Raises:
        ResourceUnreadable: it isn't one, or names what isn't there. Stale: a test fails.
    """
    if not isinstance(operations, list) or len(operations) > MAX_OPERATIONS:
        raise ResourceUnreadable(kind=KIND)
    made: Any = deepcopy(dict(resource))
    for one in operations:
        if not isinstance(one, Mapping) or not isinstance(one.get("path"), str):
            raise ResourceUnreadable(kind=KIND)
        made = _applied(made, one)
    if not isinstance(made, dict):
        raise ResourceUnreadable(kind=KIND)
    return made


def tests_version(operations: Any) -> str | None:
    """The version that a JSON Patch tests, as FHIR's clients write it; None when it tests none."""
    for one in operations if isinstance(operations, list) else []:
        if isinstance(one, Mapping) and (one.get("op"), one.get("path")) == ("test", "/meta/versionId"):
            return str(one.get("value"))
    return None


def _applied(document: Any, operation: Mapping[str, Any]) -> Any:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    if operation["path"] and not operation["path"].startswith("/"):
        raise ResourceUnreadable(kind=KIND)
    name = operation.get("op")
    if name == "test":
        if _found(document, steps) != operation.get("value"):
            raise Stale
        return document
    if name not in ("add", "replace", "remove") or not steps:
        raise ResourceUnreadable(kind=KIND)
    if name != "remove" and "value" not in operation:
        raise ResourceUnreadable(kind=KIND)
    parent, last = _found(document, steps[:-1]), steps[-1]
    if name != "add" and _found(document, steps) is MISSING:
        raise ResourceUnreadable(kind=KIND)
    if isinstance(parent, dict):
        parent.pop(last, None)
        if name != "remove":
            parent[last] = operation["value"]
    elif isinstance(parent, list):
        _change_list(parent, last, name, operation.get("value"))
    else:
        raise ResourceUnreadable(kind=KIND)
    return document


def _change_list(parent: list[Any], last: str, name: str, value: Any) -> None:
    at = len(parent) if last == "-" and name == "add" else _index(last, len(parent) + (name == "add"))
    if at is None:
        raise ResourceUnreadable(kind=KIND)
    if name == "add":
        parent.insert(at, value)
    elif name == "replace":
        parent[at] = value
    else:
        del parent[at]


def _found(document: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and (at := _index(step, len(document))) is not None:
            document = document[at]
        else:
            return MISSING
    return document


def _index(text: str, size: int) -> int | None:
    try:
        return whole_number(text, high=size - 1)
    except ValueError:
        return None
