"""Names of people as they are written down, without what can't be seen. Pure."""

import unicodedata
from dataclasses import dataclass

from app.kernel.i18n import N_

LONGEST_NAME = 120
NOT_OF_CURP = N_(
    "El nombre y la CURP no concuerdan. Escríbalos como están en sus documentos; si así están, acuda a una recepción"
    " con una identificación."
)
NOT_A_NAME = N_("Use sólo letras, espacios, guion, punto, diagonal o apóstrofo.")


def clean_name(text: str) -> str:
    """The name in NFC with single spaces, without format characters: soft hyphens, zero widths, marks of direction."""
    whole = text if text.isascii() else unicodedata.normalize("NFC", text)
    if not whole.isprintable():
        whole = "".join(letter for letter in whole if unicodedata.category(letter) != "Cf")
        # Blanks of every width become one; control characters stay, for the check of the name to refuse.
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


def may_have_curp(curp: str, given_names: str, first_surname: str) -> bool:
    """Whether a CURP can be of a person of this name, by its letters of the first surname (1st) and of the given name
    (4th). False only where it is sure.

    Each letter may be the initial of any word, for particles and the common first names (José, María) are passed over;
    X stands for Ñ and for what there isn't. A name that is left empty, or isn't in Latin letters, agrees.
    Source: Instructivo normativo para la asignación de la CURP (RENAPO), on its composition.
    """
    return _is_initial(curp[0], first_surname) and _is_initial(curp[3], given_names)


def _is_initial(letter: str, name: str) -> bool:
    plain = "".join(one for one in unicodedata.normalize("NFKD", name.upper()) if not unicodedata.combining(one))
    words = "".join(one if one.isalpha() else " " for one in plain).split()
    initials = {word[0] for word in words}
    return letter == "X" or not initials or letter in initials or not all("A" <= one <= "Z" for one in initials)


@dataclass(frozen=True, slots=True)
class Names:
    """A person's names as they are on a document; a surname that there isn't is empty."""

    given_names: str = ""
    first_surname: str = ""
    second_surname: str = ""
