"""What was typed or scanned at a desk: the folio in it, wherever it stands. Pure."""

import re

from app.kernel.ids import parse_folio

_SIGN = "[^0-9A-Za-z]"
_LETTER = "[0-9A-Za-z]"
FOLIO = re.compile(f"([A-Za-z]{_SIGN}{_LETTER}{{5}}{_SIGN}{_LETTER}{{5}}{_SIGN}{_LETTER})(?!{_LETTER})")
"""A folio inside of something else. A scanner that takes the keyboard for another one sends other signs for the dashes
(`C'7K3M9'QXT2F'R`), and for those of an address."""

TURN_CODE = re.compile("[0-9a-f]{32}")
"""What the address of a turn ends with, `/turno/{code}`."""


def turn_code_in(text: str) -> str | None:
    """Return the code of a slip in what was scanned, the last of several; None when there is none."""
    found = TURN_CODE.findall(text.lower())
    return found[-1] if found else None


def folio_in(text: str) -> str | None:
    """Return the canonical folio in what was typed or scanned: the whole of it, or an address of the portal with one in
    it. Of several the last, which was scanned after what the box still had. None when there is none."""
    found = None
    for one in (text, *FOLIO.findall(text)):
        try:
            found = parse_folio(one)
        except ValueError:
            continue
    return found
