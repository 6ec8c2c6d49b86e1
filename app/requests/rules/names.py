"""Names as they are searched: without accents, in small letters, word by word. Pure."""

from collections.abc import Collection, Iterable, Sequence

from app.kernel.plain_text import search_words

MAX_WORD_LENGTH = 40
MAX_WORDS, MAX_TYPED = 40, 8
"""Of a name, which ends with its surnames, and of what is typed."""


def folded(text: str) -> list[str]:
    """The words of a name: «Núñez Peña» is `nunez`, `pena`."""
    return [word[:MAX_WORD_LENGTH] for word in search_words(text)][:MAX_WORDS]


def vector(text: str, unit: str | None) -> str:
    """The text of a PostgreSQL `tsvector`: each word, and the unit as a word of its own."""
    words = [*folded(text), *([f"@{unit}"] if unit else [])]
    return " ".join(f"'{word}'" for word in dict.fromkeys(words))


def query(words: Sequence[str], endings: Collection[str] | None, *units: str) -> str:
    """The text of a `tsquery`: all the words, the last one perhaps unfinished, and one of the units if any is named.

    Args:
        words: at least one, folded.
        endings: the words that begin like the last; None: whichever begin so. Named, they are looked up one by one,
            which takes a quarter of the time of gathering all that begins alike.
    """
    last = f"'{words[-1]}':*" if endings is None else _any_of(endings)
    parts = [*(f"'{word}'" for word in words[:-1]), last]
    if units:
        parts.append(_any_of(f"@{unit}" for unit in units))
    return " & ".join(parts)


def _any_of(words: Iterable[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return f"({' | '.join(quoted)})" if len(quoted) > 1 else quoted[0]
