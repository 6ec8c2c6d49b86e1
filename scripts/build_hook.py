"""Hatchling's hook: a wheel and a source archive carry the page assets, built now when their sources have changed.

The tools that build them are required only then, so a source archive, which has them built, installs without any.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Builds `app/web/static/`; leaves an editable install alone, whose assets `make assets` builds."""

    def dependencies(self) -> list[str]:
        """Return what must be installed beside hatchling to build the assets."""
        if self._assets("--check") == 0:
            return []
        project = tomllib.loads((Path(self.root) / "pyproject.toml").read_text(encoding="utf-8"))
        return list(project["dependency-groups"]["build"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets, or stop with the reason why they can't be."""
        del build_data
        if version != "editable" and self._assets() != 0:
            raise SystemExit("The package was not built: it would have no page assets.")

    def _assets(self, *options: str) -> int:
        command = [sys.executable, "-m", "app.web.assets", *options]
        return subprocess.run(command, cwd=self.root, check=False).returncode
