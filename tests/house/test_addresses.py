"""Only pages, and the messages that link to them, know the addresses of pages."""

import ast
from pathlib import Path

from starlette.routing import Route

from app.main import create_app
from tests.house.source import APP, files, name_of, nodes

BELOW = ("kernel", "identity", "places", "law", "registry", "catalog", "documents", "appointments", "requests", "desk")
NOT_PAGES = {"api", "fhir", "static", "health", "metrics", "problems"}


def first_parts() -> set[str]:
    """The first part of every page's path."""
    paths = [route.path for route in create_app().routes if isinstance(route, Route)]
    return {path.split("/")[1] for path in paths if path != "/"} - NOT_PAGES


def strings(path: Path) -> list[str]:
    return [node.value for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_packages_below_the_pages_know_no_page_address() -> None:
    pages = first_parts()
    assert {"entrar", "citas", "ventanilla"} <= pages
    found = [
        f"{name_of(path)}: {text}"
        for package in BELOW
        for path in files(APP / package)
        for text in strings(path)
        if text.startswith("/") and text.split("/")[1].partition("?")[0] in pages
    ]
    assert found == []
