"""Names of people as they are written down, without what can't be seen. Pure."""

import unicodedata

LONGEST_NAME = 120


def clean_name(text: str) -> str:
    """The name in NFC with single spaces, without format characters: soft hyphens, zero widths, marks of direction."""
    whole = text if text.isascii() else unicodedata.normalize("NFC", text)
    if not whole.isprintable():
        whole = "".join(letter for letter in whole if unicodedata.category(letter) != "Cf")
        # Blanks of every width become one; control characters stay, for whoever checks the name to refuse.
        whole = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in whole)
    return " ".join(word for word in whole.split(" ") if word)
