"""What staff type and others are shown in one line has something to read in it, and nothing that can't be seen."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, get_args

import app
from app.kernel.parsing import one_line
from app.kernel.schemas import Incoming
from tests.house.source import APP, TEMPLATES, content, files, nodes

COMPARED = {
    "again", "answers", "because", "busca", "channel", "clues", "code", "curp", "delegate_curp", "dia", "digest",
    "documents", "fields", "first", "folio", "folios", "group_by", "last", "moving", "new_code", "number", "page",
    "password", "place", "proof", "q", "reasons", "refresh_token", "region", "request_folio", "scope", "service",
    "services", "state", "typed", "unidad", "unit", "unit_search", "units", "who",
    "capacity", "days", "ends", "expires_on", "high", "jwk", "low", "per_minute", "price_year", "room",
    "auth", "endpoint", "language", "old_endpoint", "p256dh", "public_key",
    "sample", "since", "slot_minutes", "starts", "until",
    "valid_from", "valid_to", "value",
}  # fmt: skip
"""Searched by, or compared with what there is: an identifier, a code, a choice, a day, a number. No one is shown it."""
PARAGRAPHS = {"ask", "body", "message", "source"}
"""Of several lines."""
OTHER_RULE = {
    "email": "app.registry.contact",
    "first_surname": "app.registry.names",
    "full_name": "app.identity.rules.is_staff_name",
    "given_names": "app.registry.names",
    "phone": "app.registry.contact",
    "push": "app.notifications.templates.checks",
    "reason": "app.requests.service.messages.review_document",
    "second_surname": "app.registry.names",
    "sms": "app.notifications.templates.checks",
    "subject": "app.notifications.templates.checks",
    "to": "app.registry.contact",
    "url": "app.kernel.outbound.parse_target",
    "username": "app.identity.rules.is_username",
}
"""Shown to others and checked where every way in passes."""
KNOWN = COMPARED | PARAGRAPHS | OTHER_RULE.keys()
INPUT = re.compile(r"""govuk(?:Input|Textarea)\(\{"id": [^,]+, "name": ([^,]+),|<(?:input|textarea)\b([^>]*)>""")
NAME = re.compile(r"""\bname=(".*?")[ >]""")
NOT_TYPED = re.compile(r'type="(hidden|radio|checkbox|file)"')
GIVEN = re.compile(r"""\b(?:\w+_)?(?:field|number)\(("\w+")""")
"""Where a macro of the template gets the name of its box."""
LOOPS = {
    "assisted_checks.html": "answers, which are compared",
    "desk_queues.html": "numbers",
    "message_text.html": "app.notifications.templates.checks",
    "review_document.html": "app.requests.service.messages.review_document",
}
"""Templates whose boxes are named in a loop or by the page."""


def texts_of_schemas() -> Iterator[tuple[str, str, bool]]:
    """Schema and field of each text that crosses HTTP, and whether it is read as one line."""
    for module in walk_packages(app.__path__, "app."):
        if module.name.rpartition(".")[2] in {"schemas", "api"} or ".schemas." in module.name or ".api." in module.name:
            import_module(module.name)
    for schema in _below(Incoming):
        if not schema.__module__.startswith("app."):
            continue
        for name, field in schema.model_fields.items():
            if str in _types_in(field.annotation):
                yield schema.__name__, name, "one_line" in repr([field.annotation, field.metadata])


def _below(schema: type[Incoming]) -> Iterator[type[Incoming]]:
    for one in schema.__subclasses__():
        yield one
        yield from _below(one)


def _types_in(annotation: Any) -> set[Any]:
    return {annotation}.union(*(_types_in(one) for one in get_args(annotation)))


def inputs_of_staff() -> Iterator[tuple[str, str]]:
    """Template and name of each box in which staff type."""
    for folder in ("staff", "data"):
        for path in files(TEMPLATES / folder, "*.html"):
            named = [name or "".join(_typed(attributes)) for name, attributes in INPUT.findall(content(path))]
            if any((name and not name.startswith('"')) or "{" in name for name in named) and path.name not in LOOPS:
                given = GIVEN.findall(content(path))
                assert given, f"{path.name}: boxes of unknown names"
                named += given
            yield from ((path.name, name.strip('"')) for name in named if name.startswith('"') and "{" not in name)


def _typed(attributes: str) -> list[str]:
    return [] if NOT_TYPED.search(attributes) else NAME.findall(f"{attributes} ")


def read_as_one_line() -> set[str]:
    """The boxes that a page reads by `form.parsed(name, one_line, …)`."""
    calls = (node for path in files(APP / "web") for node in nodes(path) if isinstance(node, ast.Call))
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "parsed"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[1], ast.Name)
        and call.args[1].id == one_line.__name__
    }


def test_every_text_of_a_schema_that_others_are_shown_is_one_line() -> None:
    found = list(texts_of_schemas())
    assert ("DeviceIn", "name", True) in found
    assert [f"{schema}.{name}" for schema, name, is_line in found if not is_line and name not in KNOWN] == []


def test_every_box_that_others_are_shown_is_read_as_one_line() -> None:
    boxes = set(inputs_of_staff())
    assert ("devices.html", "name") in boxes
    lines = read_as_one_line()
    assert sorted(f"{page}: {name}" for page, name in boxes if name not in KNOWN | lines) == []
    assert lines & KNOWN == set()
