"""Search requests: which parameters were given, which are known, and what is wrong with them. Pure.

An unknown parameter is ignored and reported, or refused when the client prefers strict handling (R4, 3.1.1.7.1). A
modifier that isn't supported is always refused, since without it something else would be found.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.interop.fhir.dates import DateTerm, parse_date_term
from app.interop.fhir.problems import SearchNotSupported
from app.kernel.i18n import N_
from app.kernel.parsing import storable_text, whole_number
from app.kernel.problems import FieldError, Invalid

DEFAULT_COUNT, MAX_COUNT = 20, 100
MAX_VALUES, MAX_LENGTH = 50, 300
CURSOR = "_cursor"
OF_ANSWER = {"_format", "_pretty"}
"""Of how the answer is written: they say nothing of what is searched."""
OF_RESULT = {"_count", CURSOR, "_sort", "_summary", "_total"}


class Kind(StrEnum):
    """The kinds of search parameters."""

    STRING = "string"
    TOKEN = "token"  # noqa: S105 # the name of a kind of parameter
    REFERENCE = "reference"
    DATE = "date"


MODIFIERS: Mapping[Kind, frozenset[str]] = {
    Kind.STRING: frozenset({"exact", "contains"}),
    Kind.TOKEN: frozenset({"not"}),
    Kind.REFERENCE: frozenset({"Patient", "Location", "HealthcareService", "Schedule", "Slot", "Appointment"}),
    Kind.DATE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A code or identifier: `system` is None when none was written, and empty for «no system»."""

    system: str | None
    value: str

    def is_one_of(self, *found: tuple[str, str]) -> bool:
        """Whether it is one of these systems and values; without value, whether it is of one of the systems."""
        return any(
            (self.system is None or self.system == system) and self.value in ("", value) for system, value in found
        )


@dataclass(frozen=True, slots=True)
class Term:
    """One parameter as it was given: any of its values is enough."""

    name: str
    modifier: str
    values: tuple[str, ...]

    def tokens(self) -> list[Token]:
        """The values as tokens."""
        split = [one.rpartition("|") for one in self.values]
        return [Token(system if bar else None, value) for system, bar, value in split]

    def references(self, kind: str) -> list[str]:
        """The ids of the values that refer to this kind of resource: relative, absolute, or the id alone."""
        found = []
        for one in self.values:
            before, _slash, id_ = one.rpartition("/")
            named = before.rpartition("/")[2] or self.modifier
            if named in ("", kind):
                found.append(id_)
        return found

    def matches_text(self, *texts: str | None) -> bool:
        """Whether a text begins with a value, without case and accents; `exact`: is it; `contains`: has it."""
        given = [one for one in texts if one]
        if self.modifier == "exact":
            return any(one in self.values for one in given)
        pairs = [(fold(one), fold(value)) for one in given for value in self.values]
        return any(value in one if self.modifier == "contains" else one.startswith(value) for one, value in pairs)


@dataclass(frozen=True, slots=True)
class Search:
    """A search that can be made: `ignored` are the parameters that aren't known."""

    terms: tuple[Term, ...] = ()
    count: int = DEFAULT_COUNT
    cursor: str | None = None
    includes: tuple[str, ...] = ()
    sort: str = ""
    is_count_only: bool = False
    wants_total: bool = False
    ignored: tuple[str, ...] = ()
    dates: Mapping[str, tuple[DateTerm, ...]] = field(default_factory=dict)

    def of(self, *names: str) -> list[Term]:
        """What was given of these parameters: each narrows what is found."""
        return [one for one in self.terms if one.name in names]

    def ids(self, name: str, kind: str) -> list[str] | None:
        """The ids that a reference parameter names, of those that each time it was given names; None: it wasn't."""
        found: list[str] | None = None
        for term in self.of(name):
            named = term.references(kind)
            found = named if found is None else [one for one in found if one in named]
        return found


@dataclass(frozen=True, slots=True)
class Searchable:
    """What can be searched of a kind of resource: its parameters, and what can be included with it."""

    parameters: Mapping[str, Kind]
    includes: frozenset[str] = frozenset()
    sorts: frozenset[str] = frozenset()


def parse_search(items: Iterable[tuple[str, str]], known: Searchable, *, strict: bool) -> Search:
    """What a search asks for.

    Raises:
        SearchNotSupported: an unknown modifier; and when handled strictly, an unknown parameter, inclusion or order.
        Invalid: a value that can't be.
    """
    reader = _Reader(known)
    for written, value in items:
        reader.add(written, value)
    found = reader.result()
    if reader.unsupported or (strict and found.ignored):
        raise SearchNotSupported(names=", ".join([*reader.unsupported, *found.ignored])[:MAX_LENGTH])
    if reader.wrong:
        raise Invalid(fields=reader.wrong)
    return found


class _Reader:
    """Takes the parameters of a search one by one."""

    def __init__(self, known: Searchable) -> None:
        self.known = known
        self.unsupported: list[str] = []
        self.wrong: list[FieldError] = []
        self._terms: list[Term] = []
        self._dates: dict[str, tuple[DateTerm, ...]] = {}
        self._includes: list[str] = []
        self._ignored: list[str] = []
        self._other: dict[str, str] = {}

    def add(self, written: str, value: str) -> None:
        name, _colon, modifier = written.partition(":")
        if not _is_text(value) or not _is_text(written):
            self.wrong.append(FieldError(name[:MAX_LENGTH], N_("El valor no es válido."), "value_error"))
        elif not value or written in OF_ANSWER:
            return
        elif name in self.known.parameters:
            self._add_term(name, modifier, value)
        elif name == "_include" and value in self.known.includes:
            self._includes.append(value)
        elif name in OF_RESULT and not modifier:
            self._other[name] = value
        else:
            self._ignored.append(written if name != "_include" else f"_include={value}")

    def _add_term(self, name: str, modifier: str, value: str) -> None:
        kind = self.known.parameters[name]
        if modifier and modifier not in MODIFIERS[kind]:
            self.unsupported.append(f"{name}:{modifier}")
            return
        values = tuple(one for one in value.split(",") if one)[:MAX_VALUES]
        self._terms.append(Term(name, modifier, values))
        if kind is Kind.DATE:
            try:
                self._dates[name] = (*self._dates.get(name, ()), *(parse_date_term(one) for one in values))
            except ValueError:
                self.wrong.append(
                    FieldError(name, N_("Escriba la fecha y hora como 2026-11-24T08:20:00-06:00."), "datetime_parsing")
                )

    def result(self) -> Search:
        """What was asked for."""
        sort, summary = self._other.get("_sort", ""), self._other.get("_summary", "false")
        if sort and sort not in self.known.sorts:
            self._ignored.append("_sort")
            sort = ""
        if summary not in ("false", "count"):
            self._ignored.append("_summary")
        count = self._count()
        return Search(
            tuple(self._terms),
            count or DEFAULT_COUNT,
            self._other.get(CURSOR),
            tuple(dict.fromkeys(self._includes)),
            sort,
            summary == "count" or count == 0,
            self._other.get("_total") == "accurate",
            tuple(dict.fromkeys(self._ignored)),
            self._dates,
        )

    def _count(self) -> int:
        try:
            return min(whole_number(self._other.get("_count", str(DEFAULT_COUNT))), MAX_COUNT)
        except ValueError:
            self.wrong.append(FieldError("_count", N_("Debe ser un número entero."), "int_parsing"))
            return DEFAULT_COUNT


def _is_text(value: str) -> bool:
    try:
        storable_text(value)
    except ValueError:
        return False
    return len(value) <= MAX_LENGTH


def fold(text: str) -> str:
    """A text without case and accents, to be compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
