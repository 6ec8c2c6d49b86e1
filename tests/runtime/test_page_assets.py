"""Page assets that are older than their sources: built before the portal opens, or it says what to do."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from app.commands import check, page_assets, run
from app.kernel.settings import PREFIX, forget_settings
from tests.conftest import Database

ROOT = Path(__file__).parents[2]
BUILDER = """
import pathlib, sys
built = pathlib.Path("built")
if "--check" in sys.argv:
    sys.exit(0 if built.exists() else 1)
if pathlib.Path("no-tools").exists():
    sys.exit("brotli, which builds them, is not installed: run `make assets` first.")
built.touch()
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with its sources, and its assets as they are built here."""
    for name in ("app/web/assets", "app/web/static"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for package in ("app", "app/web"):
        (tmp_path / package / "__init__.py").touch()
    monkeypatch.setattr(page_assets, "SOURCES", tmp_path / "app/web/assets")
    return tmp_path


def test_sources_that_changed_make_the_assets_stale(checkout: Path) -> None:
    assert not page_assets.are_stale()
    with (checkout / "app/web/assets/sheet.js").open("a") as script:
        script.write("// newer\n")
    assert page_assets.are_stale()
    shutil.rmtree(checkout / "app/web/assets")
    assert not page_assets.are_stale(), "an installed package has no sources"


@pytest.fixture
def builder(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A builder that needs no network, in place of ours; nothing is built yet."""
    (checkout / "builder.py").write_text(BUILDER)
    monkeypatch.setattr(page_assets, "BUILD", (sys.executable, "builder.py"))
    return checkout


def test_they_are_built_before_the_portal_opens(builder: Path) -> None:
    assert page_assets.are_stale()
    page_assets.build_stale()
    assert not page_assets.are_stale()


def test_where_they_can_not_be_built_it_says_what_to_do(builder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (builder / "no-tools").touch()
    with pytest.raises(typer.Exit):
        page_assets.build_stale()
    assert "run `make assets` first" in capsys.readouterr().err


@pytest.fixture
def no_database(checkout: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv(f"{PREFIX}DATABASE_URL", raising=False)
        patched.setenv(f"{PREFIX}DATA_DIR", str(checkout))
        forget_settings()
        yield
    forget_settings()


@pytest.mark.usefixtures("no_database")
def test_a_web_server_says_that_they_are_old_and_does_not_start_without_them(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It looks for its database after them, and there is none."""

    def started() -> str:
        with pytest.raises(typer.Exit):
            run.serve()
        return " ".join(capsys.readouterr().err.split())

    assert "page assets" not in started()
    (checkout / "app/web/static/sources.sha256").write_text("others")
    said = started()
    assert "older than their sources: run `make assets`" in said
    assert "no database is configured" in said, "it goes on"
    shutil.rmtree(checkout / "app/web/static")
    said = started()
    assert "run `make assets`" in said
    assert "no database is configured" not in said
    shutil.rmtree(checkout / "app/web/assets")
    assert "page assets" not in started(), "an installed package has no sources"


async def test_the_check_lists_them(db: Database, builder: Path) -> None:
    assert page_assets.STALE in (await check.findings(str(db.url), restored=False)).wrong
    (builder / "built").touch()
    assert page_assets.STALE not in (await check.findings(str(db.url), restored=False)).wrong
    assert "run `make assets`" in page_assets.STALE
