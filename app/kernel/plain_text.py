"""Normalize text for search: lower case, without accents, split into words. Pure."""

import re
import unicodedata
from typing import Any

WORD = re.compile(r"[a-z0-9]+")


def search_words(text: str) -> list[str]:
    """Split a text into normalized words: «Núñez Peña» gives `nunez`, `pena`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return WORD.findall(bare)


def has_words(text: str) -> bool:
    """Return whether a text has a letter or a digit of any script."""
    return any(letter.isalnum() for letter in text)


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
