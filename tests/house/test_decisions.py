"""The records of decisions have one form, contiguous numbers, and are listed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Alternatives refused", "Consequences"]
STATUS = re.compile(r"- Status: (proposed|accepted|replaced by \[decision \d+\]\(\d{4}-[\w-]+\.md\))")
DATE = re.compile(r"- Date: \d{4}-\d\d-\d\d\b.*")


def title(record: Path) -> str:
    return record.read_text(encoding="utf-8").splitlines()[0]


def test_numbers_are_contiguous() -> None:
    assert len(RECORDS) > 5
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_says_when_why_what_instead_of_what_and_what_follows(record: Path) -> None:
    lines = record.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {int(record.name[:4])}. ")
    status, date = [line for line in lines[1:] if line][:2]
    assert STATUS.fullmatch(status)
    assert DATE.fullmatch(date)
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS
    sections = re.split(r"^## .*$", "\n".join(lines), flags=re.MULTILINE)[1:]
    assert all(len(section.split()) > 10 for section in sections)


def test_the_folder_and_the_site_list_every_record() -> None:
    listed = re.findall(r"^\| (\d+) \| \[(.+?)\]\((.+?)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert [f"# {number}. {name}" for number, name, _file in listed] == [title(record) for record in RECORDS]
    assert [file for _number, _name, file in listed] == [record.name for record in RECORDS]
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [record.name for record in RECORDS if f"decisions/{record.name}" not in site] == []
