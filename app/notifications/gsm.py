"""Text messages in the GSM 7-bit alphabet (3GPP TS 23.038, 6.2.1): 160 characters in a single part.

One character outside it makes every part 70 characters long: each part costs money and may arrive alone.
"""

import unicodedata

ONE_PART = 160
JOINED_PART = 153
"""Of several parts, each gives seven septets to the header that joins them."""
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Escaped characters take two septets.
EXTENDED = frozenset("^{}\\[~]|€")
REPLACED = {"«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "–": "-", "—": "-", "…": "...", "·": "-", "\u00a0": " "}


def plain(text: str) -> str:
    """Transliterate to the alphabet: «día» becomes «dia», «niña» stays."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if letter in BASIC or letter in EXTENDED:
        return letter
    if letter in REPLACED:
        return REPLACED[letter]
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if base in BASIC else "?"


def places(text: str) -> int:
    """Return the number of septets of a text, which must be `plain`."""
    return sum(2 if letter in EXTENDED else 1 for letter in text)


def parts(text: str) -> int:
    """Return the number of parts of a text, which must be `plain`."""
    septets = places(text)
    return 1 if septets <= ONE_PART else -(-septets // JOINED_PART)


def fit(text: str, longest_first: list[str], most: int) -> str:
    """Transliterate a text, shortening each of `longest_first` in turn until it fits this number of parts."""
    room = ONE_PART if most == 1 else most * JOINED_PART
    made = plain(text)
    for piece in map(plain, longest_first):
        excess = places(made) - room
        if excess <= 0:
            break
        keep = max(0, len(piece) - excess - 1)
        made = made.replace(piece, piece[:keep].rstrip() + ".", 1)
    return made
