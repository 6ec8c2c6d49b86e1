"""Text as it is searched: without accents, in small letters, word by word. Pure."""

import re
import unicodedata

WORD = re.compile(r"[a-z0-9]+")


def search_words(text: str) -> list[str]:
    """The words of a text: «Núñez Peña» is `nunez`, `pena`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return WORD.findall(bare)


def has_words(text: str) -> bool:
    """Whether a text says something: it has a letter or a digit of any script."""
    return any(letter.isalnum() for letter in text)
