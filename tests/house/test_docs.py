"""The pages of docs/ that are made from the code say what the code says; links between pages lead somewhere."""

import re
from pathlib import Path

import pytest

from scripts.diagrams import DRAWN
from scripts.reference import WITH_DIAGRAMS, pages
from scripts.screenshots.pictures import PICTURES

ROOT = Path(__file__).parents[2]
DIAGRAM = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)
STATE = re.compile(r"^ +(\S+) --> ([^\s:]+)", re.MULTILINE)
IMAGE = re.compile(r"[\w./-]*images/[\w.-]+\.png")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


@pytest.mark.parametrize(
    "name",
    [
        *WITH_DIAGRAMS,
        *("api-changes.md", "settings.md", "permissions.md", "problems.md", "events.md", "commands.md", "data.md"),
    ],
)
def test_reference_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name], "run `make docs-reference`"


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    lost = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / target).exists()]
    assert lost == []


def test_every_diagram_drawn_from_a_table_is_redrawn() -> None:
    marked = {page.name for page in (ROOT / "docs").rglob("*.md") if DRAWN.search(page.read_text(encoding="utf-8"))}
    assert marked == set(WITH_DIAGRAMS)


def test_states_in_diagrams_have_names_that_mermaid_reads() -> None:
    """It stops at a hyphen, and the page then shows the source of the diagram."""
    states = {
        state
        for page in (ROOT / "docs").rglob("*.md")
        for diagram in DIAGRAM.findall(page.read_text(encoding="utf-8"))
        if diagram.startswith("stateDiagram")
        for pair in STATE.findall(diagram)
        for state in pair
    }
    assert len(states) > 10
    assert {state for state in states - {"[*]"} if not re.fullmatch(r"\w+", state)} == set()


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
