"""Reads a workbook in a child process: a small file can be gigabytes once it is open."""

import json
from datetime import date, datetime, time
from typing import IO

from python_calamine import CalamineWorkbook


def first_sheet(read: IO[bytes], write: IO[bytes]) -> int:
    """Write the rows of the first sheet, each a line of JSON; returns how many."""
    read.seek(0)
    count = 0
    for row in CalamineWorkbook.from_filelike(read).get_sheet_by_index(0).iter_rows():
        write.write(json.dumps([_text(cell) for cell in row]).encode() + b"\n")
        count += 1
    return count


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return str(cell)
    return "" if cell is None else str(cell)
