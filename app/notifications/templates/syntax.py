"""The syntax of a message's text. Pure.

A text is lines of plain words with data in braces: `{dia}`. Nothing else is interpreted: a text can't run code, reach
an attribute or read another's data. A link is `[words]({enlace})`. A line that begins with `# ` is a heading, with `- `
an item of a list; one that begins with `{si enlace}` or `{si no enlace}` is shown with, or without, that datum. A line
whose datum has no value is left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

_CONDITION = re.compile(r"\{si (?P<no>no )?(?P<name>[a-z_]{1,40})\}")
_TOKEN = re.compile(
    r"\[(?P<label>[^\[\]{}]{1,200})\]\(\{(?P<link>[a-z_]{1,40})\}\)"
    r"|\{(?P<name>[a-z_]{1,40})\}"
    r"|(?P<brace>[{}])"
)
HEADING, ITEM = "# ", "- "


class LineKind(StrEnum):
    """What a line is."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Words:
    """Words as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Datum:
    """The value of a placeholder. With a label it is a link with these words."""

    name: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class LooseBrace:
    """A brace that opens or closes nothing."""

    text: str


Piece = Words | Datum | LooseBrace


@dataclass(frozen=True, slots=True)
class Condition:
    """Shown with a value of this datum, or without one."""

    name: str
    is_with: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text; `number` counts from 1."""

    number: int
    kind: LineKind
    conditions: tuple[Condition, ...]
    pieces: tuple[Piece, ...]

    def data(self) -> Iterator[Datum]:
        """The data written in it."""
        return (piece for piece in self.pieces if isinstance(piece, Datum))

    def is_shown(self, values: Mapping[str, str]) -> bool:
        """Whether its conditions hold and each of its data has a value."""
        return all((one.name in values) == one.is_with for one in self.conditions) and all(
            datum.name in values for datum in self.data()
        )


def parse(text: str) -> tuple[Line, ...]:
    """Read a text. What is wrong in it is left in the result (`LooseBrace`, undeclared names) for `checks`."""
    return tuple(_line(number, written) for number, written in enumerate(text.split("\n"), 1))


def _line(number: int, written: str) -> Line:
    rest, conditions = written.strip(), []
    while found := _CONDITION.match(rest):
        conditions.append(Condition(found["name"], found["no"] is None))
        rest = rest[found.end() :].lstrip()
    kind = LineKind.TEXT if rest else LineKind.BLANK
    if rest.startswith(HEADING):
        kind, rest = LineKind.HEADING, rest.removeprefix(HEADING).lstrip()
    elif rest.startswith(ITEM):
        kind, rest = LineKind.ITEM, rest.removeprefix(ITEM).lstrip()
    return Line(number, kind, tuple(conditions), tuple(_pieces(rest)))


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for found in _TOKEN.finditer(text):
        if found.start() > at:
            yield Words(text[at : found.start()])
        at = found.end()
        if found["brace"]:
            yield LooseBrace(found["brace"])
        elif found["link"]:
            yield Datum(found["link"], found["label"])
        else:
            yield Datum(found["name"])
    if at < len(text):
        yield Words(text[at:])
