"""Statements kept as files: `sql/NAME.sql` beside the package that runs them, read once when it is imported.

A file is a Jinja template, so that statements share their parts (`{% include "seat_columns.sql" %}`) and name the
members of an enum instead of repeating their text. What is rendered comes from the code alone: values of a call are
bound parameters (`:name`), never rendered.
"""

from collections.abc import Collection
from enum import Enum

import procrastinate.jobs
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import TextClause, text

LOADED: dict[str, TextClause] = {}
"""Every statement that was loaded, by `package/name`; a test plans each against the migrated schema."""


def _rendered(value: object) -> object:
    """Members of an enum as literals: a partial index is only used when its condition is in the statement itself."""
    if isinstance(value, Enum):
        return "'" + str(value.value).replace("'", "''") + "'"
    if isinstance(value, Collection) and not isinstance(value, str):
        return ", ".join(str(_rendered(member)) for member in value)
    return value


class StatementFiles:
    """The statements of one package.

    Args:
        package: the package that has a folder `sql`, as `app.appointments`.
        parts: what its files may name: classes of enums, and fragments of SQL that other packages define.
    """

    def __init__(self, package: str, **parts: object) -> None:
        self._package = package
        # The statements are no page: nothing in them is escaped, and a name that is unknown is an error.
        self._files = Environment(  # noqa: S701
            loader=PackageLoader(package, "sql"), undefined=StrictUndefined, finalize=_rendered
        )
        self._files.globals.update(parts)

    def fragment(self, name: str, **parts: object) -> str:
        """The SQL of a file, to be part of another statement."""
        return self._files.get_template(f"{name}.sql").render(parts).strip()

    def load(self, name: str, *, variant: str = "", **parts: object) -> TextClause:
        """The statement of a file.

        Args:
            name: the file's name without its ending.
            variant: distinguishes statements that one file gives with different parts.
            parts: names and fragments for this statement alone.

        Raises:
            jinja2.TemplateError: the file is missing or names something unknown.
        """
        statement = text(self.fragment(name, **parts))
        LOADED["/".join(filter(None, (self._package, name, variant)))] = statement
        return statement


KERNEL = StatementFiles("app.kernel", JobStatus=procrastinate.jobs.Status)
"""The statements of this package."""
