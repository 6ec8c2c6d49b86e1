"""The pages of docs/ that are made from the code say what the code says; links between pages lead somewhere."""

import re
from pathlib import Path

import pytest

from scripts.reference import pages
from scripts.screenshots.pictures import PICTURES

ROOT = Path(__file__).parents[2]
IMAGE = re.compile(r"[\w./-]*images/[\w.-]+\.png")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


@pytest.mark.parametrize(
    "name", ["settings.md", "permissions.md", "problems.md", "events.md", "commands.md", "data.md"]
)
def test_reference_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name], "run `make docs-reference`"


@pytest.mark.parametrize(
    "page", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    lost = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / target).exists()]
    assert lost == []


def test_every_picture_is_one_that_can_be_taken_again() -> None:
    """`make screenshots ARGS=--docs` writes them; one that it doesn't know would show what the pages were once."""
    assert {path.name for path in (ROOT / "docs" / "images").iterdir()} == set(PICTURES)
    pages_ = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = [text for page in pages_ for text in IMAGE.findall(page.read_text())]
    assert sorted(Path(path).name for path in shown) == sorted(PICTURES)


def test_every_needed_page_is_there() -> None:
    needed = ("architecture", "operations", "api", "dependencies", "data-files", "security", "appointments")
    assert [name for name in needed if not (ROOT / "docs" / f"{name}.md").exists()] == []
    assert all(
        (ROOT / name).exists() for name in ("README.md", "CHANGELOG.md", "LICENSE", "Dockerfile", "compose.yaml")
    )
