"""Page assets that are older than their sources, as in a checkout that was updated: they are built, or it is said.
An installed package has them built and no sources."""

import subprocess
import sys
from pathlib import Path

from app.commands.console import errors, fail

SOURCES = Path(__file__).parents[1] / "web" / "assets"
BUILD = (sys.executable, "-m", "app.web.assets")
STALE = "the page assets (styles, scripts, icons) are absent or older than their sources: run `make assets`"


def are_stale() -> bool:
    """Whether pages would be shown with assets of other sources, or fail for one that isn't built."""
    return SOURCES.is_dir() and bool(_run("--check").returncode)


def build_stale() -> None:
    """Build page assets that are older than their sources; stop, with what to do, where they can't be built."""
    if not are_stale():
        return
    done = _run()
    if done.returncode:
        raise fail(done.stderr.strip() or STALE, "Pages would fail without them.")


def require_built() -> None:
    """Stop where pages would fail for want of their assets; say it where these are of older sources."""
    if not are_stale():
        return
    if not (SOURCES.parent / "static" / "manifest.json").exists():
        raise fail(STALE, "Pages would fail without them.")
    errors.print(f"{STALE[:1].upper()}{STALE[1:]}.", markup=False)


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*BUILD, *arguments], cwd=SOURCES.parents[2], check=False, capture_output=True, text=True)
