"""Statements run through the driver behave as in a session: the same values, and the same errors."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel import db as kernel_db
from app.kernel.db import raw_connection
from app.kernel.db_errors import constraint_of, is_disconnect, problem_of
from app.kernel.postgres_address import parse
from app.kernel.problems import Unavailable
from app.kernel.raw_connection import DatabaseUnavailable, RawConnectionPool
from app.kernel.settings import get_settings
from tests.conftest import Database

ADD = text("INSERT INTO postal_code (code) VALUES (:code) RETURNING code")
ME = text("SELECT pg_backend_pid() AS pid")
END = text("SELECT pg_terminate_backend(CAST(:pid AS integer))")


async def test_names_casts_and_json_are_as_in_a_session(db: Database) -> None:
    reported = text(
        """SELECT CAST(:a AS integer) + '2'::integer + :a - 2 AS twice, CAST(:doc AS jsonb) AS doc, '1:2' AS odd"""
    )
    async with raw_connection() as direct:
        row = (await direct.execute(reported, {"a": 2, "doc": '{"x": [1]}'})).one_or_none()
        no_one = (await direct.execute(text("SELECT 1 AS one WHERE false"), {})).one_or_none()
    assert (row.twice, row.doc, row.odd) == (4, {"x": [1]}, "1:2")
    assert no_one is None
    with pytest.raises(AttributeError):
        _ = row.thrice


async def test_each_statement_is_a_transaction_and_a_violation_is_named(db: Database) -> None:
    asked = {"code": "00002"}
    async with raw_connection() as direct:
        assert list(await direct.execute(ADD, asked))
        with pytest.raises(DBAPIError) as refused:
            await direct.execute(ADD, asked)
        assert list(await direct.execute(ADD, {"code": "00001"}))
    assert constraint_of(refused.value) == "pk_postal_code"
    async with kernel_db.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM postal_code WHERE code IN ('00001', '00002')")) == 2


@pytest.mark.faults
async def test_a_lost_connection_is_reported_and_not_reused(db: Database) -> None:
    async with raw_connection() as direct:
        pid = (await direct.execute(ME, {})).one_or_none().pid
        async with kernel_db.hot_connection() as other:
            await other.execute(END, {"pid": pid})
        with pytest.raises((DBAPIError, ConnectionError)) as lost:
            await direct.execute(ME, {})
    assert is_disconnect(lost.value)
    assert isinstance(problem_of(lost.value), Unavailable)
    async with raw_connection() as direct:
        assert (await direct.execute(ME, {})).one_or_none().pid != pid


async def test_what_was_cut_off_in_the_middle_is_not_used_again(db: Database) -> None:
    async with raw_connection() as direct:
        pid = (await direct.execute(ME, {})).one_or_none().pid
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(direct.execute(text("SELECT pg_sleep(5)"), {}), 0.2)
    async with raw_connection() as direct:
        assert (await direct.execute(ME, {})).one_or_none().pid != pid


async def test_a_plan_made_while_a_table_was_small_does_not_read_all_of_it_later(db: Database) -> None:
    by_key = text("EXPLAIN SELECT 1 FROM postal_code WHERE code = :code")
    async with kernel_db.transaction() as session:
        await session.execute(ADD, {"code": "00003"})
        await session.execute(text("ANALYZE postal_code"))
    async with raw_connection() as direct:
        plan = [row[0] for row in await direct.execute(by_key, {"code": "00003"})]
    assert not [line for line in plan if "Seq Scan" in line], plan


async def test_no_more_connections_than_allowed(db: Database) -> None:
    size = get_settings().raw_pool_size

    async def pid() -> int:
        async with raw_connection() as direct:
            found = (await direct.execute(text("SELECT pg_backend_pid() AS pid, pg_sleep(0.01)"), {})).one_or_none()
            return int(found.pid)

    assert 1 < len(set(await asyncio.gather(*(pid() for _ in range(4 * size))))) <= size


async def test_a_server_that_is_not_there() -> None:
    pool = RawConnectionPool(parse("postgresql://nobody@127.0.0.1:1/none?connect_timeout=5").connect_asyncpg, 1)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable) as elsewhere:
            async with pool.connection():
                pass
        assert isinstance(problem_of(elsewhere.value), Unavailable)
