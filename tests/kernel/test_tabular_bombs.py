"""Files of rows that are small to look at and large inside: a sentence, and neither memory nor minutes."""

import csv
import dataclasses
import gzip
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from app.kernel.sandbox.server import Limits
from app.kernel.tabular import files
from app.kernel.tabular.files import FileUnreadable, open_rows


def workbook(path: Path) -> Path:
    """Two rows, as people send them."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["clues", "rooms", None])
    sheet.append(["DFIMS000266", 12, 1.5])
    made.save(path)
    return path


def read(path: Path) -> list[tuple[int, list[str]]]:
    with open_rows(path) as rows:
        return list(rows)


def test_a_workbook_is_read_as_before(tmp_path: Path) -> None:
    rows = read(workbook(tmp_path / "units.xlsx"))
    assert rows == [(1, ["clues", "rooms", ""]), (2, ["DFIMS000266", "12", "1.5"])]


ROOMY = Limits(memory=2 << 30, cpu=60, wall=60.0, written=1 << 30)


@pytest.mark.parametrize(
    ("limits", "rows", "letters"),
    [
        pytest.param(dataclasses.replace(ROOMY, written=1 << 20), 200_000, 40, id="written"),
        pytest.param(dataclasses.replace(ROOMY, memory=192 << 20), 1, 200 << 20, id="memory"),
        pytest.param(dataclasses.replace(ROOMY, wall=0.3), 200_000, 40, id="wall"),
    ],
)
def test_a_workbook_that_is_a_bomb_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits, rows: int, letters: int
) -> None:
    good = workbook(tmp_path / "good.xlsx")
    bomb = with_rows(good, tmp_path / "bomb.xlsx", rows, letters)
    assert bomb.stat().st_size < 2_000_000
    monkeypatch.setattr(files, "WORKBOOK", limits)
    assert len(read(good)) == 2
    with pytest.raises(FileUnreadable, match=r"bomb\.xlsx takes too much"):
        read(bomb)


def with_rows(good: Path, bomb: Path, count: int, letters: int) -> Path:
    """A copy whose first sheet has `count` more rows of `letters` characters: far smaller as a file."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                rows = b"".join(
                    b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>%s</t></is></c></row>' % (n, n, b"x" * letters)
                    for n in range(3, count + 3)
                )
                data = data.replace(b"</sheetData>", rows + b"</sheetData>")
            target.writestr(name, data)
    return bomb


def test_a_workbook_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "units.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(FileUnreadable, match="Save it again, or as CSV"):
        read(path)


def test_one_line_of_gigabytes_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"code,lat,lng\n")
        for _ in range(20):
            file.write(b"x" * (1 << 20))
    with pytest.raises(FileUnreadable, match=r"codes\.csv\.gz has a line"):
        read(path)


def test_a_quotation_mark_never_closed_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text('code,lat,lng\n06700,"19,1\n' + "06700,19.4,-99.1\n" * 10_000)
    csv.field_size_limit(1 << 30)  # as a library does that was imported
    with pytest.raises(FileUnreadable, match=r"line 2 .*never closed"):
        read(path)
