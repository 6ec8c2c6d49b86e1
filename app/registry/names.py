"""Names as people search them: without accents, capitals or doubled spaces. The database keeps the same key."""

import re

ACCENTED = "ÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÑÇÝáàâäãåéèêëíìîïóòôöõúùûüñçýÿ"
PLAIN = "AAAAAAEEEEIIIIOOOOOUUUUNCYaaaaaaeeeeiiiiooooouuuuncyy"
_TABLE = str.maketrans(ACCENTED, PLAIN)
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

FOLD_SQL = (
    "lower(translate(given_names || ' ' || first_surname || coalesce(' ' || second_surname, ''), "
    f"'{ACCENTED}', '{PLAIN}') COLLATE \"C\")"
)


def fold(text: str) -> str:
    """The search key of a name: `  José   Ñúñez ` becomes `jose nunez`."""
    return collapse(text).translate(_TABLE).translate(_ASCII_LOWER)


def collapse(text: str) -> str:
    """The text with its white space made single and its ends clean."""
    return re.sub(r"\s+", " ", text).strip()
