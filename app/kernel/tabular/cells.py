"""Text in a file that people open in a spreadsheet: it must be read as text, never run as a formula (OWASP, CSV
injection)."""

STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(STARTS) else text


def plain_cell(text: str) -> str:
    """The text without that apostrophe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(STARTS) else text
