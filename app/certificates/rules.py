"""What a certificate may say in public, and how it stands. Pure: a name, two dates, nothing else."""

import unicodedata
from collections.abc import Collection
from datetime import date
from enum import StrEnum

# Little words of surnames, which have no initial: «De la Cruz» is C.
PARTICLES = frozenset(["da", "das", "de", "del", "der", "di", "do", "dos", "el", "la", "las", "los", "van", "von", "y"])


class CertificateStatus(StrEnum):
    """How a certificate stands today."""

    VALID = "valid"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    ANNULLED = "annulled"


def certificate_status(
    *, is_superseded: bool, valid_until: date | None, today: date, is_annulled: bool = False
) -> CertificateStatus:
    """What the agency annulled counts for nothing; a newer one counts more than the date; the last day of validity is
    still a day of validity."""
    if is_annulled:
        return CertificateStatus.ANNULLED
    if is_superseded:
        return CertificateStatus.SUPERSEDED
    if valid_until is not None and valid_until < today:
        return CertificateStatus.EXPIRED
    return CertificateStatus.VALID


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


def initials(name: str) -> str:
    """A person in public: the first name and the initials of the rest («José P.»)."""
    return holder_label(name, "")


def plain(text: str) -> str:
    """The text on one line, composed (NFC), without format characters: they draw nothing and may turn letters."""
    whole = unicodedata.normalize("NFC", text)
    return "".join(letter for letter in " ".join(whole.split()) if unicodedata.category(letter) != "Cf")


def unsupported_characters(text: str, drawn: Collection[int]) -> list[str]:
    """The letters of a text that a font with these code points doesn't draw, each once, in their order."""
    return [letter for letter in dict.fromkeys(plain(text)) if ord(letter) not in drawn]
