"""Text in a file that people open in a spreadsheet: it must be read as text, never run as a formula (OWASP, CSV
injection)."""

import re
import unicodedata

_FORMULA = "=+-@"
_ALIKE = "".join(
    sign for sign in map(chr, range(0x2000, 0x10000)) if unicodedata.normalize("NFKC", sign) in set(_FORMULA)
)
"""Signs that a spreadsheet takes for the same four, as the full-width ones are."""
_UNSEEN = r"\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x1f\x7f-\x9f"
_DANGEROUS = re.compile(rf"'*(?:[\t\r\n]|[{_UNSEEN}]*[{re.escape(_FORMULA + _ALIKE)}])")
"""A text that begins with a tab or the end of a line, or with a formula's sign after what can't be seen. Apostrophes
before it count too, so that one can be added and taken off again without loss."""


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def plain_cell(text: str) -> str:
    """The text without that apostrophe: `plain_cell(safe_cell(text)) == text`, whatever the text."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text
