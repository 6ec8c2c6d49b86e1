"""The workflows there are, and folders of service files for one test: copies of the real ones, with one thing
changed."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.catalog.loader import FOLDER, load_folder
from app.catalog.rules.workflow import Workflow
from app.catalog.yaml_files import CatalogInvalid, ValidationIssue

TABLES: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (FOLDER / "workflows").glob("*.yaml")
}


WORKFLOWS = {name: Workflow.model_validate(table) for name, table in TABLES.items()}


class Copy:
    """A folder of services to spoil."""

    def __init__(self, folder: Path, *services: str) -> None:
        self.folder = folder
        (folder / "services").mkdir(parents=True)
        shutil.copytree(FOLDER / "workflows", folder / "workflows")
        for name in services:
            shutil.copy(FOLDER / "services" / f"{name}.yaml", self.service(name))

    def service(self, name: str) -> Path:
        return self.folder / "services" / f"{name}.yaml"

    def workflow(self, name: str) -> Path:
        return self.folder / "workflows" / f"{name}.yaml"

    def issues(self) -> list[ValidationIssue]:
        """What loading says; it has to say something."""
        with pytest.raises(CatalogInvalid) as caught:
            load_folder(self.folder)
        assert str(caught.value).splitlines() == [str(one) for one in caught.value.issues]
        return caught.value.issues


def replace(path: Path, old: str, new: str) -> int:
    """Write `new` where `old` stands, once, and say in which line that is."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
