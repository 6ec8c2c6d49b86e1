"""Status of certificates and what may be public. Pure functions of names and dates."""

import unicodedata
from collections.abc import Collection
from datetime import date
from enum import StrEnum

# Particles of surnames have no initial: «De la Cruz» is C.
PARTICLES = frozenset(["da", "das", "de", "del", "der", "di", "do", "dos", "el", "la", "las", "los", "van", "von", "y"])


class CertificateStatus(StrEnum):
    """Status of a certificate today."""

    VALID = "valid"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    ANNULLED = "annulled"


def certificate_status(
    *, is_superseded: bool, valid_until: date | None, today: date, is_annulled: bool = False
) -> CertificateStatus:
    """Derive the status: annulled takes precedence over superseded, and superseded over expired; the last day is still
    valid."""
    if is_annulled:
        return CertificateStatus.ANNULLED
    if is_superseded:
        return CertificateStatus.SUPERSEDED
    if valid_until is not None and valid_until < today:
        return CertificateStatus.EXPIRED
    return CertificateStatus.VALID


def holder_label(name: str, given_names: str) -> str:
    """Return given names and initials of surnames («Ana N. P.»): enough to recognise the bearer.

    If the name doesn't begin with these given names (the registry has changed since), its first word is used.
    """
    words = plain(name).split()
    given = plain(given_names).split()
    if not given or words[: len(given)] != given or len(words) == len(given):
        given = words[:1]
    surnames = [word for word in words[len(given) :] if word.casefold() not in PARTICLES]
    return " ".join([*given, *(f"{word[0]}." for word in surnames)])


def initials(name: str) -> str:
    """Mask a name for the public: first name and initials («José P.»)."""
    return holder_label(name, "")


def plain(text: str) -> str:
    """Return the text on one line, NFC-normalised, without format characters."""
    whole = unicodedata.normalize("NFC", text)
    return "".join(letter for letter in " ".join(whole.split()) if unicodedata.category(letter) != "Cf")


def unsupported_characters(text: str, drawn: Collection[int]) -> list[str]:
    """Return the distinct characters without a glyph among these code points, in order of appearance."""
    return [letter for letter in dict.fromkeys(plain(text)) if ord(letter) not in drawn]


class FileStatus(StrEnum):
    """Result for a file. `unregistered`: our signature is valid, but no certificate has these bytes."""

    OURS = "ours"
    ALTERED = "altered"
    UNREGISTERED = "unregistered"
    NOT_OURS = "not-ours"
