"""What contributors read and what checks their work is true: workflows, hooks, forms, one version, locks that agree."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import __version__
from app.main import create_app
from scripts.commit_subject import issue

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
MADE = re.compile(r"\bmake ([a-z][a-z-]*)")
PIN = re.compile(r"^([\w.-]+)==(\S+?)(?: ;.*)? \\$", re.MULTILINE)
FILES = sorted([*GITHUB.rglob("*.yml"), ROOT / ".pre-commit-config.yaml"])


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def parsed(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def commands(workflow: Path) -> Iterator[str]:
    for job in parsed(workflow)["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_yaml(path: Path) -> None:
    assert parsed(path)


@pytest.mark.parametrize("workflow", sorted((GITHUB / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_runs_targets_that_there_are(workflow: Path) -> None:
    found = list(commands(workflow))
    assert found
    for command in found:
        made = MADE.match(command)
        assert made is not None, f"{command}: what runs there runs here, as a target of the Makefile"
        assert made.group(1) in targets()


def test_the_versions_that_are_supported_are_tested() -> None:
    jobs = parsed(GITHUB / "workflows" / "test.yml")["jobs"]
    oldest = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest is not None
    assert jobs["python"]["strategy"]["matrix"]["python"][0] == oldest.group(1)
    assert jobs["postgresql"]["strategy"]["matrix"]["postgresql"] == ["15", "16", "17", "18"]


def test_targets_named_in_pages_exist_and_help_lists_them_all() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        name
        for page in pages
        for code in re.findall(r"`[^`\n]+`|^```sh\n.*?^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        for name in MADE.findall(code)
    }
    assert "test-fast" in named
    assert named - targets() == set()
    helped = set(re.findall(r'@echo "make ([a-z-]+)', (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert helped == targets() - {"help"}


def test_hooks_use_the_project_s_own_environment() -> None:
    config = parsed(ROOT / ".pre-commit-config.yaml")
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)


@pytest.mark.parametrize(
    "message",
    ["kernel: keep statements as files", "savings, tests: word a view's comment\n\nWhy.\n", "Merge the glossary\n"],
)
def test_a_subject_that_is_taken(message: str) -> None:
    assert issue(message) is None


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("", "the subject is ''"),
        ("Fix it", "the subject is 'Fix it'"),
        ("kernel: Keep statements", "the subject is"),
        ("kernel: keep statements.", "the subject is"),
        ("kernel: " + "x" * 65, "the subject has 73 characters"),
        ("kernel: keep statements\nas files", "the line after the subject isn't empty"),
    ],
)
def test_a_subject_that_is_refused(message: str, why: str, tmp_path: Path) -> None:
    assert (issue(message) or "").startswith(why)
    (tmp_path / "message").write_text(message)
    command = [sys.executable, "-m", "scripts.commit_subject", str(tmp_path / "message")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert why in done.stderr


def test_the_version_is_stated_once() -> None:
    written = [*(ROOT / "app").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    texts = [*written, ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "Dockerfile", ROOT / "compose.yaml"]
    stated = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])")
    places = {path.relative_to(ROOT).as_posix() for path in texts if stated.search(path.read_text(encoding="utf-8"))}
    assert places - {"docs/api-changes.md"} == {"app/__init__.py"}, "a history names every version"
    assert create_app().version == __version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == __version__


@pytest.mark.parametrize("lock", ["app.txt", "build.txt"])
def test_one_environment_can_hold_every_lock(lock: str) -> None:
    pins = [dict(PIN.findall((ROOT / "requirements" / name).read_text())) for name in (lock, "dev.txt")]
    assert len(pins[0]) > 5
    assert pins[0].items() <= pins[1].items()
