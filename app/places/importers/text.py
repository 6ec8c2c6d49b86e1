"""Cells as spreadsheets leave them, made plain."""

import re
import unicodedata

from app.kernel.parsing import plain_identifier

BLANKS = {"", "NAN", "NA", "N/A", "NULL", "NONE", "NO ESPECIFICADO", "NO APLICA", "-"}


def tidy(cell: str) -> str:
    """The cell's text with single spaces; empty when it is one of the ways of saying nothing."""
    text = re.sub(r"\s+", " ", cell).strip().strip("\ufeff")
    return "" if text.upper() in BLANKS else text


def folded(text: str) -> str:
    """Capitals without accents, for comparing: CUAUHTÉMOC and Cuauhtemoc are the same place."""
    decomposed = unicodedata.normalize("NFD", text.upper())
    return re.sub(r"\s+", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()


def number(cell: str) -> int | None:
    """The whole number in a cell (`5`, `5.0`, `５`), or None."""
    match = re.fullmatch(r"([0-9]{1,6})(?:\.0*)?", unicodedata.normalize("NFKC", cell).strip())
    return int(match[1]) if match else None


def postal_code(cell: str) -> int | None:
    """The postal code in a cell as a number, written as on pages (`06 000`) or as spreadsheets leave it (`6000.0`)."""
    value = number(cell)
    return value if value is not None else number(plain_identifier(cell))
