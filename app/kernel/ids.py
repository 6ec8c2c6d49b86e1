"""Identifiers made by the application: UUIDv7 for rows, folios for people, secrets for tokens.

UUIDv7: RFC 9562, section 5.7. Folio alphabet and check symbol: Douglas Crockford's base 32.
"""

import base64
import binascii
import hashlib
import re
import secrets
from datetime import datetime
from uuid import UUID

import uuid_utils

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
FOLIO_DIGITS = 10


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by the time it was made."""
    return UUID(int=uuid_utils.uuid7().int)


def uuid7_at(moment: datetime) -> UUID:
    """The least UUIDv7 of that instant: a bound for ranges of time over ids."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def new_folio(prefix: str) -> str:
    """A folio such as `C-7K3M9-QXT2F-R`: random (50 bits), says nothing, survives a typo.

    The last character is a checksum that may not contain symbols, so a folio can be read aloud.
    """
    while True:
        number = secrets.randbits(5 * FOLIO_DIGITS)
        if number % 37 < len(ALPHABET):
            return _format(prefix, number)


def parse_folio(text: str) -> str:
    """The canonical folio for what a person typed: any case, spaces, dashes, O for 0, I or L for 1.

    Raises:
        ValueError: it isn't a folio, or its check character is wrong.
    """
    if _CONTROL.search(text):
        raise ValueError("no one types that")
    plain = "".join(character for character in text.upper() if character.isalnum())
    prefix, body = plain[:1], plain[1:].translate(LOOKALIKES)
    if len(body) != FOLIO_DIGITS + 1 or not prefix.isalpha() or any(c not in ALPHABET for c in body):
        raise ValueError("not a folio")
    number = 0
    for character in body[:-1]:
        number = number * 32 + ALPHABET.index(character)
    if CHECK_ALPHABET[number % 37] != body[-1]:
        raise ValueError("the check character does not match")
    return _format(prefix, number)


def folio_beginnings(text: str, prefix: str, *, least: int) -> list[str]:
    """What a folio with this prefix begins with, for its first letters and digits as typed: with the
    prefix, without it, or either when it may be both. Empty for what is no part of a folio or shorter than `least`."""
    plain = _plain_part(text)
    bodies = [plain, plain[1:]] if plain[:1] == prefix else [plain]
    return [_begin(prefix, body) for body in bodies if least <= len(body) <= FOLIO_DIGITS and _is_body(body)]


def folio_part(text: str, *, least: int) -> str | None:
    """Some letters and digits in a row of a folio, without its dashes; None for what is none."""
    plain = _plain_part(text)
    return plain if least <= len(plain) <= FOLIO_DIGITS + 1 and _is_body(plain) else None


def _plain_part(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum()).translate(LOOKALIKES)


def _is_body(text: str) -> bool:
    return all(character in ALPHABET for character in text)


def _begin(prefix: str, body: str) -> str:
    half = FOLIO_DIGITS // 2
    return f"{prefix}-{body[:half]}" + (f"-{body[half:]}" if len(body) > half else "")


def _format(prefix: str, number: int) -> str:
    digits = "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(FOLIO_DIGITS)))
    return f"{prefix}-{digits[:5]}-{digits[5:]}-{CHECK_ALPHABET[number % 37]}"


def new_secret(size: int = 32) -> str:
    """A secret for a token or a link: `size` random bytes, safe in a URL."""
    return secrets.token_urlsafe(size)


def digest(text: str) -> bytes:
    """SHA-256 of a secret with full entropy: what is stored in its place."""
    return hashlib.sha256(text.encode()).digest()


def opaque(data: bytes) -> str:
    """Bytes as letters and digits that any identifier may have: base 32 (RFC 4648), small, without padding."""
    return base64.b32encode(data).rstrip(b"=").lower().decode()


def parse_opaque(text: str, size: int) -> bytes:
    """The bytes of such a text.

    Raises:
        ValueError: it isn't what `opaque` makes of this number of bytes.
    """
    try:
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise ValueError("not base 32") from error
    if len(data) != size or opaque(data) != text:
        raise ValueError("another identifier, or of another size")
    return data
