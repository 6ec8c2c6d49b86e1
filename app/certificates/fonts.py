"""Glyph coverage of the documents' font, read from the fonts inside the typesetting library."""

import mmap
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import structlog
import typst._typst as library
from fontTools.ttLib import TTFont, TTLibError

log = structlog.get_logger(__name__)

FAMILY = "Libertinus Serif"
STYLES = frozenset({"Regular", "Bold"})
"""Styles of the templates: text and headings."""
OPENTYPE = b"OTTO"
ENTRY, MOST_TABLES, MOST_BYTES = 16, 40, 5_000_000
RANGES = ((0x20, 0x7E), (0xA1, 0x24F), (0x1E00, 0x1E9B), (0x1EA0, 0x1EF9), (0x2010, 0x2027), (0x20AC, 0x20AC))
"""Known coverage, in case another version of the library hides its fonts. Verified by rendering."""
# Right-to-left and non-letter characters: the page must show exactly what the name is.
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
REPLACEMENT = 0xFFFD


@lru_cache
def supported_code_points() -> frozenset[int]:
    """Return the code points that both styles cover. Cached per process; takes a tenth of a second."""
    found: dict[str, frozenset[int]] = {}
    for font in _fonts():
        names = font["name"]
        style = names.getDebugName(2)
        if names.getDebugName(1) == FAMILY and style in STYLES:
            found.setdefault(style, frozenset(font.getBestCmap()))
        if found.keys() >= STYLES:
            break
    if not found.keys() >= STYLES:
        log.warning("certificate_font_unreadable", family=FAMILY)
        return frozenset(code for first, last in RANGES for code in range(first, last + 1) if _is_allowed(code))
    return frozenset(code for code in frozenset.intersection(*found.values()) if _is_allowed(code))


def _is_allowed(code: int) -> bool:
    letter = chr(code)
    return (
        code != REPLACEMENT
        and unicodedata.category(letter) not in REFUSED_CATEGORIES
        and unicodedata.bidirectional(letter) not in RIGHT_TO_LEFT
    )


def _fonts() -> Iterator[TTFont]:
    """Return the OpenType fonts embedded in the library's file."""
    with Path(library.__file__).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(OPENTYPE)
        while at >= 0:
            size = _size(data, at)
            if size:
                try:
                    yield TTFont(BytesIO(data[at : at + size]), lazy=False)
                except (TTLibError, KeyError, ValueError):
                    log.debug("not_a_font", at=at)
            at = data.find(OPENTYPE, at + 1)


def _size(data: mmap.mmap, at: int) -> int:
    """Return the length of the font at this offset from its table directory; 0 if there is none."""
    tables = int.from_bytes(data[at + 4 : at + 6], "big")
    if not 1 <= tables <= MOST_TABLES:
        return 0
    ends = []
    for number in range(tables):
        entry = data[at + 12 + ENTRY * number : at + 12 + ENTRY * (number + 1)]
        ends.append(int.from_bytes(entry[8:12], "big") + int.from_bytes(entry[12:16], "big"))
    return max(ends) if max(ends) <= MOST_BYTES else 0
