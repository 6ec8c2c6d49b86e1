"""Clients that are generated from the document, in a folder of their own, with the programs of `examples`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from app.main import create_app
from tests.node import link_packages, run_node, run_program

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENT = "openapi.json"
MYPY = ("--strict", "--no-incremental", "--no-error-summary", "--config-file=")
OPTIONS = ("--default-non-nullable", "false", "-o", "api.d.ts")
SECONDS = 240


@dataclass
class Workshop:
    """The folder, and what each generator and type checker printed, by its name."""

    folder: Path
    printed: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Generate three clients, and check their types and those of the programs, at once."""
        shutil.copytree(EXAMPLES / "clients", self.folder, dirs_exist_ok=True)
        shutil.copy(EXAMPLES / "booking" / "app.js", self.in_typescript)
        link_packages(self.folder)
        (self.folder / "package.json").write_text('{"type": "module"}')
        document = json.dumps(create_app().openapi())
        for folder in (self.in_typescript, self.in_python):
            (folder / DOCUMENT).write_text(document, encoding="utf-8")
        steps = (self._typescript, self._hey_api, self._python)
        with ThreadPoolExecutor(len(steps)) as pool:
            self.printed |= dict(pool.map(lambda step: step(), steps))
        checks = (self._tsc, self._mypy)
        with ThreadPoolExecutor(len(checks)) as pool:
            self.printed |= dict(pool.map(lambda step: step(), checks))

    @property
    def in_typescript(self) -> Path:
        return self.folder / "typescript"

    @property
    def in_python(self) -> Path:
        return self.folder / "python"

    def _typescript(self) -> tuple[str, str]:
        return "openapi-typescript", run_program("openapi-typescript", DOCUMENT, *OPTIONS, folder=self.in_typescript)

    def _hey_api(self) -> tuple[str, str]:
        return "openapi-ts", run_program("openapi-ts", folder=self.in_typescript)

    def _python(self) -> tuple[str, str]:
        config = ("--config", "openapi-python-client.yaml", "--meta", "none", "--output-path", "portal")
        generate = ("-m", "openapi_python_client", "generate", "--path", DOCUMENT, *config)
        return "openapi-python-client", self.python(*generate)

    def _tsc(self) -> tuple[str, str]:
        return "tsc", run_program("tsc", folder=self.in_typescript)

    def _mypy(self) -> tuple[str, str]:
        return "mypy", self.python("-m", "mypy", *MYPY, "citizen.py")

    def python(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run Python in its folder, and return what it printed.

        Raises:
            AssertionError: its exit status isn't 0; has what it printed.
        """
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.in_python,
            env=os.environ | (environment or {}),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def node(self, script: str, environment: Mapping[str, str]) -> str:
        """Run a program that was compiled, and return what it printed."""
        return run_node(Path("built") / script, folder=self.in_typescript, environment=environment)
