"""One clone of the template for all tests of a process: emptied between them instead of dropped and copied again.

A new database costs its copy, new connections, and every statement prepared again: a third of a test's time.
"""

from collections.abc import Callable, Iterable

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from app.kernel.db import with_driver

Seed = tuple[int, int]
"""How many rows a table holds and the sum of the transactions that wrote them: both change with any change of a row."""

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't'
      AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    ORDER BY 1, 2
"""
COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
STRUCTURE = """
    SELECT (SELECT (count(*), max(xmin::text::bigint)) FROM pg_class
            WHERE oid >= 16384 AND relpersistence <> 't')::text,
           (SELECT (count(*), max(a.xmin::text::bigint)) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't')::text,
           (SELECT (count(*), max(xmin::text::bigint)) FROM pg_proc WHERE oid >= 16384)::text,
           (SELECT (count(*), max(xmin::text::bigint)) FROM pg_trigger)::text,
           (SELECT (count(*), max(xmin::text::bigint)) FROM pg_constraint WHERE oid >= 16384)::text,
           (SELECT count(*) FROM pg_db_role_setting)
"""
"""Changes when a table, column, function, trigger or constraint does."""

STRAYS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
"""
SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), last_value, start_value FROM pg_sequences
    WHERE schemaname NOT LIKE 'pg\\_%'
"""
VACUUM_EVERY = 40


class ReusedDatabase:
    """A clone of the template, and what is needed to make it like the template again."""

    def __init__(self, name: str, clone: Callable[[str], URL], drop: Callable[[URL], None]) -> None:
        self._name = name
        self._clone = clone
        self._drop = drop
        self._resets = 0
        self.url = clone(name)
        self._learn()

    def _learn(self) -> None:
        address = with_driver(self.url, "psycopg").set(drivername="postgresql")
        self._connection = psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True, prepare_threshold=1
        )
        self._connection.execute("SET session_replication_role = replica")
        tables = [sql.Identifier(*found) for found in self._connection.execute(TABLES)]
        self._names = {table.as_string(None): table for table in tables}
        self._seeds = self._counts(self._names)
        self._rows = {name: self._copy_out(name) for name, (count, _) in self._seeds.items() if count}
        self._empty = [name for name in self._names if name not in self._rows]
        self._has_rows = sql.SQL("SELECT ARRAY[{}]").format(
            sql.SQL(", ").join(sql.SQL("EXISTS (SELECT FROM {})").format(self._names[name]) for name in self._empty)
        )
        self._sequences = self._sequence_values()
        self._structure = self._structure_now()

    def _counts(self, names: Iterable[str]) -> dict[str, Seed]:
        one = sql.SQL("SELECT {name}, count(*), coalesce(sum(xmin::text::bigint), 0)::bigint FROM {table}")
        each = [one.format(name=sql.Literal(name), table=self._names[name]) for name in names]
        if not each:
            return {}
        found = self._connection.execute(sql.SQL(" UNION ALL ").join(each))
        return {name: (count, sum_) for name, count, sum_ in found}

    def _changed(self) -> list[str]:
        """The tables that have other rows than the template's. Of those that are empty there, one row is enough."""
        (has_rows,) = self._connection.execute(self._has_rows).fetchone() or ((),)
        filled = [name for name, is_there in zip(self._empty, has_rows, strict=True) if is_there]
        return filled + [name for name, seed in self._counts(self._rows).items() if seed != self._seeds[name]]

    def _sequence_values(self) -> dict[str, tuple[int | None, int]]:
        return {name: (last, start) for name, last, start in self._connection.execute(SEQUENCES)}

    def _structure_now(self) -> tuple[object, ...] | None:
        return self._connection.execute(STRUCTURE).fetchone()

    def _columns(self, name: str) -> sql.Composable:
        columns = [column for (column,) in self._connection.execute(COLUMNS, (name,))]
        return sql.SQL(", ").join(map(sql.Identifier, columns))

    def _copy_out(self, name: str) -> bytes:
        statement = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(self._names[name], self._columns(name))
        with self._connection.cursor().copy(statement) as copy:
            return b"".join(bytes(part) for part in copy)

    def reset(self) -> None:
        """Make it like the template: no rows but the template's, sequences at their start, no connection at work."""
        try:
            self._connection.execute(STRAYS)
            same = self._structure_now() == self._structure
        except psycopg.OperationalError:
            same = False  # a test stopped its connections
        if same:
            self._put_back()
        else:
            self.close()
            self.url = self._clone(self._name)
            self._learn()

    def _put_back(self) -> None:
        changed = self._changed()
        with self._connection.transaction():
            for name in changed:
                self._connection.execute(sql.SQL("DELETE FROM {}").format(self._names[name]))
            for name in changed:
                if name in self._rows:
                    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)")
                    with self._connection.cursor().copy(statement.format(self._names[name], self._columns(name))) as to:
                        to.write(self._rows[name])
            for name, (last, start) in self._sequence_values().items():
                before, _ = self._sequences[name]
                if last != before:
                    self._connection.execute("SELECT setval(%s, %s, %s)", (name, before or start, before is not None))
        self._seeds |= self._counts(name for name in changed if name in self._rows)
        self._resets += 1
        if self._resets % VACUUM_EVERY == 0:
            self._connection.execute("VACUUM")

    def close(self) -> None:
        self._connection.close()
        self._drop(self.url)
