"""What a layout is, and the pieces that several have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.tabular.report import Reason
from app.registry.importers.checks import Check, Mask
from app.registry.importers.cleaning import Clean


@dataclass(frozen=True, slots=True)
class Field:
    """A column: how its cells are written down, how they are checked, and the reason given when one fails.

    A cell of a lenient column that fails is left empty with a note; of any other, its row is rejected.
    """

    name: str
    check: Check
    reason: Reason
    clean: Clean | None = None
    is_lenient: bool = False


@dataclass(frozen=True, slots=True)
class CrossFieldCheck:
    """A check over several columns of the file: `passes` takes them in the order of `names`. The first one is named
    when it fails."""

    names: tuple[str, ...]
    reason: Reason
    passes: Callable[..., Mask]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check the database makes over the staged rows: the SQL gives (line, value) of those that break it."""

    field: str
    reason: Reason
    sql: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of file. `staging` is the DDL of its columns; `merge` writes into `table` what is new or differs. Where
    there is a `change`, that writes what differs, and `merge` only what is new: of many rows, half as much work.

    `prepare` runs over the staged rows before the rules, `before_merge` after them. A rule is asked again until no row
    breaks it: rejecting one may make another break it. Every field must be in the file: an optional column makes a
    second layout, with one field more.
    """

    name: str
    fields: tuple[Field, ...]
    staging: str
    rules: tuple[Rule, ...]
    table: str
    merge: str
    change: str = ""
    needs_ids: bool = False
    cross_field_checks: tuple[CrossFieldCheck, ...] = ()
    prepare: tuple[str, ...] = ()
    before_merge: tuple[str, ...] = ()


TWICE = Reason("Esa persona ya apareció antes en el archivo.", "That person came before in this file.")
NO_UNIT = Reason("No hay una unidad con esa CLUES.", "There is no unit with that CLUES.")
NO_PERSON = Reason("No hay una persona con esa CURP.", "There is no person with that CURP.")
ORDER = Reason("La fecha final es anterior a la inicial.", "The last date is before the first.")


def twice(key: str) -> str:
    """The rows whose key a row before them has already."""
    return (
        f"SELECT line, k FROM (SELECT line, {key} AS k, row_number() OVER (PARTITION BY {key} ORDER BY line) AS n"
        " FROM staged) d WHERE n > 1 AND k IS NOT NULL"
    )


FROM_PEOPLE = " FROM staged s JOIN person p ON p.curp = s.curp AND p.declared_at IS NULL"
"""The rows of a file with the person of the registry that each names, as p."""


def person_known(column: str = "curp") -> Rule:
    """The column names a person of the registry."""
    return Rule(
        column,
        NO_PERSON,
        f"SELECT s.line, s.{column} FROM staged s WHERE NOT EXISTS"
        f" (SELECT 1 FROM person p WHERE p.curp = s.{column} AND p.declared_at IS NULL)",
    )


def unit_known() -> Rule:
    """The row names a unit, if it names any."""
    return Rule(
        "clues",
        NO_UNIT,
        "SELECT s.line, s.clues FROM staged s WHERE s.clues IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM unit u WHERE u.clues = s.clues)",
    )


def upsert(
    table: str, key: tuple[str, ...], values: tuple[str, ...], source: str, *, at_first: tuple[str, ...] = ()
) -> str:
    """The statement that writes the rows of `source` (key first, then values) where they are new or differ; the columns
    `at_first`, last in the source, are written for new rows only."""

    def of(alias: str) -> str:
        return ", ".join(f"{alias}.{name}" for name in values)

    changes = ", ".join(f"{name} = excluded.{name}" for name in values)
    return (
        f"INSERT INTO {table} AS t ({', '.join(key + values + at_first)}) {source}"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
        f" WHERE ({of('t')}) IS DISTINCT FROM ({of('excluded')})"
    )
