"""A database that tests have used is like the template again."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import clone, drop
from tests.reuse import ReusedDatabase


@pytest.fixture(scope="module")
def reused(worker_name: str) -> Iterator[ReusedDatabase]:
    own = ReusedDatabase(f"reuse_{worker_name}", clone, drop)
    yield own
    own.close()


def run(reused: ReusedDatabase, *statements: str) -> list[tuple[object, ...]]:
    address = reused.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


SEEDS = "SELECT service, version, md5(definition::text) FROM service_version ORDER BY 1, 2"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM service_version",
        "UPDATE service_version SET definition = '{}'",
        "CREATE TABLE more (id int); INSERT INTO more VALUES (1)",
        "ALTER TABLE unit DROP COLUMN name CASCADE",
        "DROP FUNCTION refuse_closed_seat() CASCADE",
    ],
)
def test_rows_and_structure_are_put_back(reused: ReusedDatabase, change: str) -> None:
    before = run(reused, SEEDS)
    assert before
    run(reused, "SET session_replication_role = replica", change)
    reused.reset()
    assert run(reused, SEEDS) == before
    assert run(reused, "SELECT name FROM unit") == []
    assert run(reused, "SELECT to_regclass('more')") == [(None,)]


def test_new_rows_and_sequences_are_put_back(reused: ReusedDatabase) -> None:
    insert = "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't') RETURNING id"
    first = run(reused, insert)
    reused.reset()
    assert run(reused, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    assert run(reused, insert) == first


def test_who_holds_a_lock_is_disconnected(reused: ReusedDatabase) -> None:
    address = reused.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as left:
        left.execute("LOCK TABLE unit")
        reused.reset()
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
