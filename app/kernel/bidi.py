"""Characters that turn the direction of a text: what is written one way is shown another («\\u202e»). Pure.

Unicode Standard Annex #9: the marks, embeddings, overrides and isolates. No text of the portal's languages needs them,
and a name or a message that has one is shown as something else than what was stored. They are taken out where text
comes in (forms and bodies) and once more where it is shown, for what was stored or imported before.
"""

import re
from typing import Any

_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def strip_bidi_controls(text: str) -> str:
    """The text without them."""
    return _CONTROLS.sub("", text) if not text.isascii() else text


def strip_bidi_controls_deep(value: Any) -> Any:
    """The same for every text of a value as JSON has it."""
    if isinstance(value, str):
        return strip_bidi_controls(value)
    if isinstance(value, list):
        return [strip_bidi_controls_deep(one) for one in value]
    if isinstance(value, dict):
        return {name: strip_bidi_controls_deep(one) for name, one in value.items()}
    return value
