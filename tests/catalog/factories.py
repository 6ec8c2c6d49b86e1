"""The workflows there are."""

from typing import Any

import yaml

from app.catalog.loader import FOLDER
from app.catalog.rules.workflow import Workflow

TABLES: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (FOLDER / "workflows").glob("*.yaml")
}


WORKFLOWS = {name: Workflow.model_validate(table) for name, table in TABLES.items()}
