"""The views of schema `analytics`: documented, of sums alone, and all that their reader can read."""

import os
from collections.abc import Iterable, Iterator
from importlib import import_module

import pytest
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ProgrammingError

from app.kernel import migrate
from app.kernel.db import with_driver
from app.savings.export import views
from app.savings.export.tables import VIEWS
from app.savings.measures import MEASURES, TICKET_MEASURES
from tests.conftest import SERVER_VARIABLE, clone, drop, execute

MIGRATION = import_module("migrations.versions.0013_analytics")
IDS_OF_PEOPLE = ("person_id", "event_id", "event_ids", "actor_id", "created_by", "published_by", "curp", "nss")


@pytest.fixture(scope="module")
def url(worker_name: str) -> Iterator[URL]:
    made = clone(f"views_{worker_name}")
    yield made
    drop(made)


@pytest.fixture
def connection(url: URL) -> Iterator[Connection]:
    engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_every_view_and_column_says_what_the_dictionary_says(connection: Connection) -> None:
    found = connection.execute(
        text(
            "SELECT c.relname, obj_description(c.oid, 'pg_class'), a.attname, col_description(c.oid, a.attnum)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
            " WHERE c.relnamespace = 'analytics'::regnamespace ORDER BY c.relname, a.attnum"
        )
    ).all()
    said = [(view, f"{t.title}. {t.means}", field.name, field.means) for view, t in VIEWS.items() for field in t.fields]
    assert sorted(said) == sorted(tuple(row) for row in found)
    for name, table in VIEWS.items():
        assert [row[2] for row in found if row[0] == name] == [field.name for field in table.fields]


def test_no_view_identifies_anyone(connection: Connection) -> None:
    found = connection.execute(
        text("SELECT column_name FROM information_schema.columns WHERE table_schema = 'analytics'")
    )
    assert set(found.scalars()) & set(IDS_OF_PEOPLE) == set()


def test_the_reader_reads_the_views_and_nothing_else(connection: Connection) -> None:
    tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    connection.execute(text(f"SET ROLE {MIGRATION.READER}"))
    connection.commit()
    for view in VIEWS:
        connection.execute(text(f"SELECT * FROM analytics.{view} LIMIT 1"))
    assert {"service_transaction", "person", "event", "saving_cell"} <= set(tables)
    for statement in [
        *(f"SELECT * FROM public.{table} LIMIT 1" for table in tables),
        "DELETE FROM analytics.regions",
        "CREATE VIEW analytics.mine AS SELECT 1",
        "CREATE TABLE public.mine (id int)",
    ]:
        connection.rollback()
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(statement))
    connection.rollback()


UNIT = """INSERT INTO unit (id, clues, name, kind, institution, state_code, state, municipality, timezone, is_operating,
    imported_at) VALUES ('00000000-0000-7000-8000-000000000001', 'DFIMS000001', 'UMF 1', 'umf', 'IMSS', 'DF', 'CDMX',
    'Centro', 'America/Mexico_City', true, now())"""


def sums_of(measures: Iterable[str], **known: int) -> tuple[str, str]:
    """The names of measures, and one for each that isn't known, as lists of a statement."""
    sums = dict.fromkeys(measures, 1) | known
    return ", ".join(sums), ", ".join(map(str, sums.values()))


def test_small_rows_of_units_are_left_out(connection: Connection) -> None:
    connection.execute(text(UNIT))
    month = "'2026-03-01'"
    for size in (9, 10):
        place = f"id::text, 'service-{size}'"
        names, sums = sums_of(MEASURES, people=size)
        connection.execute(
            text(
                "INSERT INTO saving_cell (period_type, geography, segment, period, place, service, channel,"
                f" segment_value, {names}) SELECT 'M', 'U', '', {month}, {place}, 'web', '', {sums} FROM unit"
            )
        )
        names, sums = sums_of(TICKET_MEASURES, tickets=size)
        connection.execute(
            text(
                f"INSERT INTO saving_ticket_cell (geography, period, place, service, weekday, hour, {names})"
                f" SELECT 'U', {month}, {place}, 1, 9, {sums} FROM unit"
            )
        )
    found = [
        connection.execute(text(f"SELECT service, clues FROM analytics.{view}")).all() for view in ("units", "waits")
    ]
    connection.rollback()
    assert found == [[("service-10", "DFIMS000001")]] * 2


@pytest.fixture
def plain(worker_name: str) -> Iterator[URL]:
    """A database of someone who may make no roles."""
    server = os.environ[SERVER_VARIABLE]
    name = f"plain_{worker_name}"
    execute(server, f"DROP DATABASE IF EXISTS {name}", f"DROP ROLE IF EXISTS {name}")
    execute(server, f"CREATE ROLE {name} LOGIN NOCREATEROLE PASSWORD 'x'", f"CREATE DATABASE {name} OWNER {name}")
    yield make_url(server).set(username=name, password="x", database=name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")


def test_who_may_create_no_roles_gets_a_warning_and_continues(plain: URL) -> None:
    engine = create_engine(with_driver(plain, "psycopg"), poolclass=pool.NullPool)
    notices: list[str] = []
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.add_notice_handler(lambda notice: notices.append(notice.message_primary))  # type: ignore[union-attr]
        connection.exec_driver_sql("CREATE SCHEMA analytics")
        for statement in MIGRATION.reader_statements("nobody_may_make_this"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    assert len(notices) == 1
    assert "docs/data.md" in notices[0]


def test_a_person_who_may_make_no_roles_can_migrate(plain: URL) -> None:
    migrate.upgrade(plain)
    engine = create_engine(with_driver(plain, "psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM analytics.cells").all() == []
    engine.dispose()


@pytest.mark.parametrize(("table", "view"), [("saving_cell", "units"), ("saving_ticket_cell", "waits")])
def test_a_migration_adds_a_measure_to_the_views_and_takes_it_away_again(
    connection: Connection, table: str, view: str
) -> None:
    before = [query_of(connection, name) for name in views.VIEWS_OF[table]]
    views.add_measure(connection, table, "one_more")
    columns = connection.execute(text(f"SELECT * FROM analytics.{view}")).keys()
    assert list(columns) == [*(field.name for field in VIEWS[view].fields), "one_more"]
    views.drop_measure(connection, table, "one_more")
    assert [query_of(connection, name) for name in views.VIEWS_OF[table]] == before
    with pytest.raises(ValueError, match="the last column"):
        views.drop_measure(connection, table, "transactions")
    connection.rollback()


def query_of(connection: Connection, view: str) -> str:
    return str(connection.execute(text(f"SELECT pg_get_viewdef('analytics.{view}'::regclass)")).scalar_one())
