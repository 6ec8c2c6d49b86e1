"""Names as they are searched: without accents, in small letters, word by word. Pure."""

import re
import unicodedata

WORD = re.compile(r"[a-z0-9]+")
LONGEST_WORD = 40
MOST_WORDS, MOST_TYPED = 40, 8
"""Of a name, which ends with its surnames, and of what somebody types."""


def folded(text: str) -> list[str]:
    """The words of a name: «Núñez Peña» is `nunez`, `pena`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:LONGEST_WORD] for word in WORD.findall(bare)][:MOST_WORDS]


def vector(text: str, unit: str | None) -> str:
    """The text of a PostgreSQL `tsvector`: each word, and the unit as a word of its own."""
    words = [*folded(text), *([f"@{unit}"] if unit else [])]
    return " ".join(f"'{word}'" for word in dict.fromkeys(words))


def query(text: str, *units: str | None) -> str | None:
    """The text of a `tsquery`: all the words, the last one perhaps unfinished, and one of the units if any is named;
    None when there is no word."""
    words = folded(text)[:MOST_TYPED]
    if not words:
        return None
    parts = [f"'{word}'" for word in words[:-1]] + [f"'{words[-1]}':*"]
    marks = [f"'@{unit}'" for unit in units if unit]
    if len(marks) > 1:
        marks = [f"({' | '.join(marks)})"]
    return " & ".join([*parts, *marks])


def finished(words: str) -> str:
    """The same `tsquery` with its last word taken as whole."""
    return words.replace(":*", "")
