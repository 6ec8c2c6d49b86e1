"""Names of people as they are written down, without what can't be seen. Pure."""

import unicodedata

from app.kernel.i18n import N_

LONGEST_NAME = 120
NOT_A_NAME = N_("Use sólo letras, espacios, guion, punto, diagonal o apóstrofo.")


def clean_name(text: str) -> str:
    """The name in NFC with single spaces, without format characters: soft hyphens, zero widths, marks of direction."""
    whole = text if text.isascii() else unicodedata.normalize("NFC", text)
    if not whole.isprintable():
        whole = "".join(letter for letter in whole if unicodedata.category(letter) != "Cf")
        # Blanks of every width become one; control characters stay, for whoever checks the name to refuse.
        whole = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in whole)
    return " ".join(word for word in whole.split(" ") if word)


def is_name(text: str) -> bool:
    """Whether a name has letters of any script, and besides them only what names are written with."""
    kinds = [unicodedata.category(letter)[0] for letter in text]
    others = (letter for letter, kind in zip(text, kinds, strict=True) if kind not in "LM")
    return "L" in kinds and all(letter in " -.'’/" for letter in others)


def parse_name(text: str) -> str:
    """The name in its one shape.

    Raises:
        ValueError: with a sentence (Spanish msgid) that says what is wrong.
    """
    name = clean_name(text)
    if len(name) > LONGEST_NAME or not is_name(name):
        raise ValueError(NOT_A_NAME)
    return name
