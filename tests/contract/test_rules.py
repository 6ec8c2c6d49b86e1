"""The documents of the API and of its events have no error by the linters that integrators use, nor a warning."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.main import create_app
from app.webhooks import asyncapi
from tests.node import run_program

RULES = Path(__file__).parent / "rules"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both documents, as programs get them."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "openapi.json").write_text(json.dumps(create_app().openapi()), encoding="utf-8")
    (folder / "asyncapi.json").write_text(json.dumps(asyncapi.document()), encoding="utf-8")
    for file in RULES.iterdir():
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def redocly_issues(folder: Path, document: str) -> list[Any]:
    printed = run_program(
        "redocly", "lint", document, "--config=redocly.yaml", "--format=json", "--max-problems=50", folder=folder,
        statuses=(0, 1),
    )  # fmt: skip
    return [
        f"{one['ruleId']}: {one['message']} {one['location'][0].get('pointer')}"
        for one in json.loads(printed)["problems"]
    ]


def spectral_issues(folder: Path, document: str) -> list[Any]:
    printed = run_program(
        "spectral", "lint", document, "--ruleset=spectral.yaml", "--format=json", "--quiet", folder=folder,
        statuses=(0, 1),
    )  # fmt: skip
    return [f"{one['code']}: {one['message']} {'.'.join(map(str, one['path']))}" for one in json.loads(printed)]


def test_redocly_finds_nothing(documents: Path) -> None:
    assert redocly_issues(documents, "openapi.json") == []


@pytest.mark.parametrize("document", ["openapi.json", "asyncapi.json"])
def test_spectral_finds_nothing(documents: Path, document: str) -> None:
    assert spectral_issues(documents, document) == []


def test_the_linters_see_what_is_wrong(documents: Path) -> None:
    broken = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}
    (documents / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    assert any(one.startswith("info-license") for one in redocly_issues(documents, "broken.json"))
    assert any(one.startswith("info-contact") for one in spectral_issues(documents, "broken.json"))
