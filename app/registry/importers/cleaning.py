"""Whole columns written down in one shape, before they are checked. Most cells need nothing, and a look at the column
as one text finds that out."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress

from app.kernel.parsing import plain_identifier
from app.registry.contact import normal_email, normal_phone
from app.registry.names import clean_name

Column = Sequence[str]
Clean = Callable[[Column], Column]

_SEPARATOR = "\x1f"
_PLAIN_IDENTIFIERS = re.compile(rf"[0-9A-Z{_SEPARATOR}]*")
_PLAIN_CODES = re.compile(rf"[0-9A-Za-z./-]*(?:{_SEPARATOR}[0-9A-Za-z./-]*)*")
_PLAIN_CAPITALS = re.compile(rf"[A-Z{_SEPARATOR}]*")
_PLAIN_KEYWORDS = re.compile(rf"[a-z-]*(?:{_SEPARATOR}[a-z-]*)*")


def identifiers(column: Column) -> Column:
    """CURPs, social-security numbers, keys and postal codes without what was added for reading."""
    if _PLAIN_IDENTIFIERS.fullmatch(_SEPARATOR.join(column)):
        return column
    return [plain_identifier(value) for value in column]


def codes(column: Column) -> Column:
    """Dates, amounts and folios without what can't be seen at their ends and with plain digits: their own dashes, dots
    and letters mean something."""
    if _PLAIN_CODES.fullmatch(_SEPARATOR.join(column)):
        return column
    return [_plain(value) for value in column]


def capitals(column: Column) -> Column:
    """Letters that stand for something (a sex, a shift) as capitals."""
    if _PLAIN_CAPITALS.fullmatch(_SEPARATOR.join(column)):
        return column
    return [_plain(value).upper() for value in column]


def keywords(column: Column) -> Column:
    """Words of a fixed list (a kinship, a language) in small letters."""
    if _PLAIN_KEYWORDS.fullmatch(_SEPARATOR.join(column)):
        return column
    return [_plain(value).lower() for value in column]


def _plain(value: str) -> str:
    whole = unicodedata.normalize("NFKC", value)
    return "".join(sign for sign in whole if unicodedata.category(sign) not in {"Cf", "Cc"}).strip()


def names(column: Column) -> Column:
    """Names without what can't be seen. Each different one is looked at once."""
    known = {value: clean_name(value) for value in set(column)}
    return column if all(value == clean for value, clean in known.items()) else [known[value] for value in column]


def emails(column: Column) -> Column:
    """Addresses in their normal form; what isn't one stays as it is, for the check to find."""
    return _contacts(column, PLAIN_EMAIL, normal_email)


def phones(column: Column) -> Column:
    """Numbers as E.164; what isn't one stays as it is, for the check to find."""
    return _contacts(column, PLAIN_PHONE, normal_phone)


# Contacts that are certainly normalized, which nearly all are: the libraries take 50 microseconds each.
PLAIN_PHONE = re.compile(r"(?:\+52)?[1-9][0-9]{9}")
PLAIN_EMAIL = re.compile(
    r"(?=.{6,254}\Z)[a-z0-9]{1,20}(?:[._-][a-z0-9]{1,20}){0,2}@(?:[a-z0-9]{1,40}\.){1,3}(?:mx|com|org|net|edu)"
)


def _contacts(column: Column, plain: re.Pattern[str], normal: Callable[[str], str]) -> Column:
    made = list(column)
    for place, value in enumerate(column):
        if value and not plain.fullmatch(value):
            with suppress(ValueError):
                made[place] = normal(value)
    return made if made != column else column
