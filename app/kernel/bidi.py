"""Bidirectional control characters: they make text display differently from how it is stored. Pure.

Unicode Standard Annex #9: marks, embeddings, overrides and isolates. Neither Spanish nor English needs them. They are
removed from input (forms and bodies) and again on output, for text that was stored or imported earlier.
"""

import re
from typing import Any

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
