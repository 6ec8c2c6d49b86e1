"""What a certificate may say in public, and how it stands. Pure: a name, two dates, nothing else."""

import unicodedata
from datetime import date
from enum import StrEnum

# Little words of surnames, which have no initial: «De la Cruz» is C.
PARTICLES = frozenset(["da", "das", "de", "del", "der", "di", "do", "dos", "el", "la", "las", "los", "van", "von", "y"])
# The letters our documents can print: what lies outside has no glyph in the fonts, and the typesetter refuses the page.
PRINTABLE = ((0x20, 0x7E), (0xA1, 0x24F), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x20AC, 0x20AC))
UNPRINTABLE = "\ufffd"


class Standing(StrEnum):
    """How a certificate stands today."""

    VALID = "valid"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


def standing(*, is_superseded: bool, valid_until: date | None, today: date) -> Standing:
    """A newer one counts more than the date; the last day of validity is still a day of validity."""
    if is_superseded:
        return Standing.SUPERSEDED
    if valid_until is not None and valid_until < today:
        return Standing.EXPIRED
    return Standing.VALID


def holder_label(name: str, given_names: str) -> str:
    """Given names and the initials of the surnames («Ana N. P.»): enough to recognise the person who shows the paper.

    When the name doesn't begin with these given names (the registry has changed since), its first word stands for them.
    """
    words = plain(name).split()
    given = plain(given_names).split()
    if not given or words[: len(given)] != given or len(words) == len(given):
        given = words[:1]
    surnames = [word for word in words[len(given) :] if word.casefold() not in PARTICLES]
    return " ".join([*given, *(f"{word[0]}." for word in surnames)])


def plain(text: str) -> str:
    """The text on one line, with a mark in place of every letter that our documents can't print."""
    whole = unicodedata.normalize("NFC", text)
    return "".join(letter if _is_printable(letter) else UNPRINTABLE for letter in " ".join(whole.split()))


def _is_printable(letter: str) -> bool:
    code = ord(letter)
    return any(first <= code <= last for first, last in PRINTABLE) and unicodedata.category(letter) != "Cf"
