"""What a page says was done comes from a signed field of its address, which `app.web.notices` alone reads: anyone can
write the others."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.web import notices, pages
from app.web.notices import NOTICE_FIELDS
from tests.house.source import APP, files, name_of, nodes

WEB = APP / "web"
NAME = re.compile(r"[?&]([a-z_]+)=")
PLACES = {
    *("cita", "folio", "turno"),  # which of them is meant
    *("consultorio", "dia", "sala", "unidad"),  # of which place and day
    *("b", "group_by", "orden", "since", "until"),  # what is listed
    *("format", "mlat", "mlon", "next"),  # a file, a place on another site's map, where one was going
}
"""What pages put into an address to say where it leads. A field that says what was done is one of NOTICE_FIELDS."""


ELSEWHERE = {"access_log.py", "answer_pages.py"}
"""Where the dictionaries of a function that encodes a query are mostly of something else."""


def written(path: Path) -> Iterator[str]:
    """The fields that a file puts into addresses: in texts, and in the dictionaries of a function that encodes a
    query."""
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from NAME.findall(node.value)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "urlencode(" in ast.unparse(node):
            keys = [one for inner in ast.walk(node) if isinstance(inner, ast.Dict) for one in inner.keys]
            yield from (str(one.value) for one in keys if isinstance(one, ast.Constant))


def read(path: Path) -> Iterator[str]:
    """The fields that a file reads of an address by name."""
    module = ".".join(path.relative_to(APP.parent).with_suffix("").parts)
    for node in nodes(path):
        names: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("params.get", "asked.get")):
            names = node.args[:1]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(("params", "asked")):
            names = [node.slice]
        for one in names:
            if isinstance(one, ast.Constant):
                yield str(one.value)
            elif isinstance(one, ast.Name):
                yield str(getattr(import_module(module), one.id, ""))


def asked(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for one in dependant.dependencies:
        yield from asked(one)


def test_only_a_signed_field_says_what_was_done() -> None:
    found = {(name_of(path), field) for path in files(WEB) if path.name not in ELSEWHERE for field in written(path)}
    assert {field for _path, field in found} >= {"anotado", "listo", "next"}, "fields are found"
    unknown = [one for one in sorted(found) if one[1] not in NOTICE_FIELDS | PLACES]
    assert not unknown, f"say what each is: {unknown}"
    assert not NOTICE_FIELDS & PLACES
    assert not PLACES - {field for _path, field in found}, "a field that no page writes any more"


def test_notices_are_read_with_their_signature_alone() -> None:
    module = Path(notices.__file__)
    fields = {(name_of(path), field) for path in files(WEB) if path != module for field in read(path)}
    assert {field for _path, field in fields} >= {"unidad", "folio"}, "fields are found"
    assert not [one for one in sorted(fields) if one[1] in NOTICE_FIELDS]
    routes = [route for route in pages.router.routes if isinstance(route, APIRoute)]
    taken = {(route.path, name) for route in routes for name in asked(route.dependant)}
    assert {name for _path, name in taken} >= {"next"}
    assert not [one for one in sorted(taken) if one[1] in NOTICE_FIELDS]
