"""The lines of an error summary: each says which field it is about, once. Pure."""

import re
from collections.abc import Mapping

from app.kernel.i18n import gettext
from app.requests.rules.forms import MISSING, MISSING_BY_WIDGET

WORD = re.compile(r"[^\W_]{3,}")
ES = "con del desde esa ese esta este las los más para por que qué quien quién sin una uno usted"
EN = "and are for from has have how not than that the this was what which who you your"
SMALL_WORDS = frozenset(f"{ES} {EN}".split())
"""Words that name no field."""


def summary_line(message: str, label: str, others: Mapping[str, str]) -> str:
    """A message with the label of its field before it, unless it names the field itself: by a word of the label that no
    other label of the page has. What is missing is never named by its message. `others`: the labels of the page."""
    if not label:
        return message
    own = _names(label, [one for one in others.values() if one != label])
    if own & _words(message) and not _is_of_missing(message):
        return message
    return f"{label} {message}" if "?" in label or label.endswith(".") else f"{label}: {message}"


def _is_of_missing(message: str) -> bool:
    return message in {gettext(one) for one in (MISSING, *MISSING_BY_WIDGET.values())}


def _names(label: str, others: list[str]) -> set[str]:
    """The words that only this label has."""
    return _words(label) - {word for one in others for word in _words(one)}


def _words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)} - SMALL_WORDS
