"""Text that people and programs send, as numbers, dates and instants: one reader for each, that never raises anything
but ValueError; and as words to search by.

`str.isdigit()` is true for "²" and for digits of every script, `int()` takes some of them and refuses texts of
thousands of digits, `\\d` of a regular expression takes them too, `date()` raises OverflowError for a year of eleven
digits, and an instant of the year 9999 overflows when it is moved to another time zone. `tests/house` keeps those calls
out of the rest of the program.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Any

from app.kernel.i18n import N_

MAX_DIGITS = 18
"""Digits that always fit in PostgreSQL's bigint."""
FIRST_YEAR, LAST_YEAR = 1800, 2999
"""Years that the portal can mean: births of the oldest archive to the last validity date."""
_NAMES = (
    ("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    ("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ("january", "february", "march", "april", "may", "june"),
    ("july", "august", "september", "october", "november", "december"),
)
MONTHS = {
    name[:length]: number
    for half, names in enumerate(_NAMES)
    for number, name in enumerate(names, half % 2 * 6 + 1)
    for length in (3, 4, len(name))
} | {"setiembre": 9, "set": 9}
"""Names of months in both languages, whole or by their first three or four letters, as people and phones write them."""


# What people, word processors and messengers put into an identifier for reading: spaces of every width, hyphens and
# dashes of every length, a minus sign, dots, and characters that can't be seen.
_SEPARATORS = re.compile(r"[\s.\u2212-]")
_LEFT_OUT = frozenset({"Zs", "Zl", "Zp", "Cf", "Cc", "Pd"})


def plain_identifier(text: str) -> str:
    """A typed or pasted identifier without what was added for reading, in capitals (NFKC: wide digits become plain)."""
    whole = unicodedata.normalize("NFKC", text)
    if not whole.isascii():
        whole = "".join(letter for letter in whole if unicodedata.category(letter) not in _LEFT_OUT)
    return _SEPARATORS.sub("", whole).upper()


def is_digits(text: str) -> bool:
    """Whether the text is one or more of 0 to 9, and nothing else."""
    return text.isascii() and text.isdigit()


def whole_number(text: str, *, low: int = 0, high: int = 10**MAX_DIGITS - 1) -> int:
    """A whole number written with the digits 0 to 9.

    Raises:
        ValueError: it isn't one, or it is below `low` or above `high`.
    """
    if not is_digits(text) or len(text) > MAX_DIGITS or not low <= int(text) <= high:
        raise ValueError("not a whole number in range")
    return int(text)


def month_of(text: str) -> int:
    """A month as a number or by its name in Spanish or English: `5`, `mayo`, `May`, `may.`.

    Raises:
        ValueError: no month is written so.
    """
    named = MONTHS.get("".join(text.split()).rstrip(".").casefold())
    return named if named is not None else whole_number(text, high=12)


def date_of(year: str, month: str, day: str) -> date:
    """A date typed in three boxes; the month as a number or by its name (`month_of`).

    Raises:
        ValueError: there is no such date, or its year can't be meant.
    """
    return date(
        whole_number(year, low=FIRST_YEAR, high=LAST_YEAR),
        month_of(month),
        whole_number(day, high=31),
    )


def iso_date(text: str) -> date:
    """A date as 2026-11-24.

    Raises:
        ValueError: it isn't written so, there is no such date, or its year can't be meant.
    """
    year, month, day = text.split("-")
    if (len(year), len(month), len(day)) != (4, 2, 2):
        raise ValueError("not a date as 2026-11-24")
    return date_of(year, month, day)


_HOUR = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?(?:([ap])\.?m\.?)?", re.IGNORECASE)


def clock_time(text: str) -> time:
    """A time of day, with 24 hours or with 12: `08:00`, `8`, `8:00 p.m.`, `8 pm`, `8:00 p. m.`.

    Raises:
        ValueError: it isn't written so, or there is no such time.
    """
    found = _HOUR.fullmatch("".join(text.split()))
    if found is None:
        raise ValueError("not a time of day")
    hour, minute, half = whole_number(found[1]), whole_number(found[2] or "0"), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("not an hour of twelve")
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)


def clock_end(text: str) -> time:
    """As `clock_time`, of an hour at which something ends: `24:00` is midnight too.

    Raises:
        ValueError: it isn't written so, or there is no such time.
    """
    plain = "".join(text.split())
    return time.min if plain in ("24", "24:00") else clock_time(plain)


def iso_instant(text: str) -> datetime:
    """An instant with its offset, in UTC.

    Raises:
        ValueError: it isn't an ISO 8601 instant, it has no offset, or its year can't be meant.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without its offset")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("a year that can't be meant")
    return moment.astimezone(UTC)


def storable_text(text: str) -> str:
    """The text, if PostgreSQL and UTF-8 can hold it.

    Raises:
        ValueError: it has a NUL or half of a surrogate pair.
    """
    if "\0" in text:
        raise ValueError("a text with a NUL")
    text.encode("utf-8")  # half a surrogate pair raises UnicodeEncodeError, a ValueError
    return text


WORD = re.compile(r"[a-z0-9]+")


def search_words(text: str) -> list[str]:
    """Split a text into normalized words: «Núñez Peña» gives `nunez`, `pena`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return WORD.findall(bare)


BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Fillers of Korean script: letters by Unicode, and nothing on the page."""


# What Unicode counts as letters, marks or signs, and no font shows.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_UNSEEN_KINDS = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
NO_WORDS = N_("Escriba al menos una letra o un número.")


def without_unseen(text: str) -> str:
    """The text as one line, without what can't be seen: single spaces, no soft hyphens, zero widths, marks of
    direction, fillers and controls. In NFC."""
    whole = " ".join(text.split())
    if not whole.isascii() or not whole.isprintable():
        whole = _UNSEEN.sub("", unicodedata.normalize("NFC", whole))
        whole = "".join(letter for letter in whole if unicodedata.category(letter) not in _UNSEEN_KINDS)
    return " ".join(whole.split())


def is_one_line(text: str) -> bool:
    """Whether nothing in a text ends a line: what Unicode has for it (NEL, LS, PS, old controls) counts as LF does."""
    return len(f"{text}.".splitlines()) == 1


def one_line(text: str) -> str:
    """What staff type and others are shown in one line, such as a name of a device, as it is stored.

    Raises:
        ValueError: there is nothing to read in it.
    """
    line = without_unseen(text)
    if not has_words(line):
        raise ValueError(NO_WORDS)
    return line


def has_words(text: str) -> bool:
    """Return whether a text has a letter or a digit of any script."""
    return any(letter.isalnum() and letter not in BLANK_LETTERS for letter in text)


_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def strip_bidi_controls(text: str) -> str:
    """Return the text without bidirectional controls."""
    return _CONTROLS.sub("", text) if not text.isascii() else text


def strip_bidi_controls_deep(value: Any) -> Any:
    """Apply `strip_bidi_controls` to every string in a JSON-like value."""
    if isinstance(value, str):
        return strip_bidi_controls(value)
    if isinstance(value, list):
        return [strip_bidi_controls_deep(one) for one in value]
    if isinstance(value, dict):
        return {name: strip_bidi_controls_deep(one) for name, one in value.items()}
    return value
