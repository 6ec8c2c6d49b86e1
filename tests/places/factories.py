"""Files of units for the tests of places."""

import csv
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from app.kernel import db as kernel_db
from app.places.models import Unit

DATA = Path(__file__).parents[1] / "data"


def write(path: Path, rows: Iterable[list[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def said(tmp_path: Path) -> list[tuple[int, str, str]]:
    """Line, kind and field of what was rejected or mended."""
    path = tmp_path / "rejects.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline=""))) if path.exists() else []
    assert all(row["reason_es"] and row["reason_en"] for row in rows)
    return [(int(row["line"]), row["kind"], row["field"]) for row in rows]


async def units() -> dict[str, Unit]:
    async with kernel_db.reading() as session:
        return {unit.clues: unit for unit in (await session.scalars(select(Unit))).all()}
