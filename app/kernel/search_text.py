"""Normalize text for search: lower case, without accents, split into words. Pure."""

import re
import unicodedata

WORD = re.compile(r"[a-z0-9]+")


def search_words(text: str) -> list[str]:
    """Split a text into normalized words: «Núñez Peña» gives `nunez`, `pena`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return WORD.findall(bare)


def has_words(text: str) -> bool:
    """Return whether a text has a letter or a digit of any script."""
    return any(letter.isalnum() for letter in text)
