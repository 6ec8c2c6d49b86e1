"""Names as they are searched: without accents, in small letters, word by word. Pure."""

import re
import unicodedata

WORD = re.compile(r"[a-z0-9]+")
LONGEST_WORD = 40
MOST_WORDS = 8


def folded(text: str) -> list[str]:
    """The words of a name: «Núñez Peña» is `nunez`, `pena`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:LONGEST_WORD] for word in WORD.findall(bare)][:MOST_WORDS]


def vector(text: str, unit: str | None) -> str:
    """The text of a PostgreSQL `tsvector`: each word, and the unit as a word of its own."""
    words = [*folded(text), *([f"@{unit}"] if unit else [])]
    return " ".join(f"'{word}'" for word in dict.fromkeys(words))


def query(text: str, unit: str | None) -> str | None:
    """The text of a `tsquery`: all the words, the last one perhaps unfinished; None when there is no word."""
    words = folded(text)
    if not words:
        return None
    parts = [f"'{word}'" for word in words[:-1]] + [f"'{words[-1]}':*"]
    return " & ".join([*parts, *([f"'@{unit}'"] if unit else [])])
