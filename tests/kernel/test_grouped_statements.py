"""Statements of several requests that run together: each request gets what it would have got alone."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel import db as kernel_db
from app.kernel.db import grouped_statements, raw_connection
from app.kernel.db_errors import constraint_of, is_disconnect
from app.kernel.grouped_statements import MAX_RUNNING, GroupedStatements
from app.kernel.raw_connection import DatabaseUnavailable, RawConnectionPool, RawResult
from tests.conftest import Database

ADD = text(
    "WITH added AS (INSERT INTO postal_code (code) SELECT CAST(:code AS text) WHERE CAST(:code AS text) <> 'none'"
    " RETURNING code) SELECT code, pg_current_xact_id()::text AS xid, CAST(:call AS integer) AS call FROM added"
)
BUSY = text("SELECT pg_sleep(0.2), pg_backend_pid() AS pid, CAST(:call AS integer) AS call")
SINGLE = text("SELECT CAST(:code AS text) AS code")
END = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE query LIKE '%pg_sleep(0.2)%' AND state = 'active' AND pid <> :me"
    " AND datname = current_database()"
)
"""Those that wait in the pool stay: the driver may not have heard of their end when the next test takes them."""


async def _ask(*codes: str) -> list[RawResult | BaseException]:
    """All at the same moment."""
    asked = (grouped_statements().execute(ADD, {"code": code, "call": None}) for code in codes)
    return await asyncio.gather(*asked, return_exceptions=True)


async def _stored(codes: Sequence[str]) -> set[str]:
    async with kernel_db.reading() as session:
        found = await session.scalars(
            text("SELECT code FROM postal_code WHERE code = ANY(:codes)"), {"codes": list(codes)}
        )
        return set(found)


def _row(result: RawResult | BaseException) -> tuple[str, str]:
    assert isinstance(result, RawResult), result
    row = result.one_or_none()
    return row.code, row.xid


async def test_what_arrives_together_is_one_transaction_and_each_gets_its_row(db: Database) -> None:
    codes = ["00011", "00012", "00013"]
    rows = [_row(result) for result in await _ask(*codes)]
    assert [code for code, _xid in rows] == codes
    assert len({xid for _code, xid in rows}) == 1
    assert await _stored(codes) == set(codes)


async def test_who_gets_nothing_takes_no_row_of_others(db: Database) -> None:
    first, none, last = await _ask("00021", "none", "00022")
    assert (_row(first)[0], _row(last)[0]) == ("00021", "00022")
    assert isinstance(none, RawResult)
    assert none.one_or_none() is None


async def test_one_that_is_refused_leaves_the_others_their_effect(db: Database) -> None:
    first, twice, last = await _ask("00031", "00031", "00032")
    refused = [result for result in (first, twice) if isinstance(result, DBAPIError)]
    assert [constraint_of(error) for error in refused] == ["pk_postal_code"]
    assert _row(last)[0] == "00032"
    assert await _stored(["00031", "00032"]) == {"00031", "00032"}


async def test_who_leaves_does_not_stop_the_others(db: Database) -> None:
    impatient = asyncio.create_task(grouped_statements().execute(BUSY, {"call": None}))
    patient = asyncio.create_task(grouped_statements().execute(BUSY, {"call": None}))
    await asyncio.sleep(0.05)
    impatient.cancel()
    assert (await patient).one_or_none().pid
    with suppress(asyncio.CancelledError):
        await impatient
    assert impatient.cancelled()


@pytest.mark.faults
async def test_a_lost_connection_is_an_error_to_all_and_nothing_is_asked_again(db: Database) -> None:
    asked = [asyncio.create_task(grouped_statements().execute(BUSY, {"call": None})) for _ in range(3)]
    await asyncio.sleep(0.05)
    async with raw_connection() as other:
        me = (await other.execute(text("SELECT pg_backend_pid() AS pid"), {})).one_or_none().pid
        await other.execute(END, {"me": me})
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(result, BaseException) and is_disconnect(result) for result in results] == [True] * 3


async def test_few_groups_run_at_once_and_the_rest_goes_together(db: Database) -> None:
    asked = []
    for _ in range(MAX_RUNNING + 3):
        asked.append(asyncio.create_task(grouped_statements().execute(BUSY, {"call": None})))
        await asyncio.sleep(0.01)  # so that each would be a group by itself
    connections = [(await result).one_or_none().pid for result in asked]
    assert len(set(connections[:MAX_RUNNING])) == MAX_RUNNING
    assert len(set(connections[MAX_RUNNING:])) == 1


async def test_a_statement_without_calls_runs_by_itself(db: Database) -> None:
    results = await asyncio.gather(*(grouped_statements().execute(SINGLE, {"code": code}) for code in ("a", "b")))
    assert [result.one_or_none().code for result in results] == ["a", "b"]


async def test_once_the_database_is_back_the_next_call_is_served(db: Database) -> None:
    """Calls that found no connection take no later one with them."""
    connect, is_down = kernel_db.database().raw_pool._connect, True

    async def connected(**given: Any) -> Any:
        if is_down:
            raise OSError("the server is down")
        return await connect(**given)

    pool = RawConnectionPool(connected, 2)
    grouped = GroupedStatements(pool)
    try:
        for code in ("00091", "00092"):
            with pytest.raises(DatabaseUnavailable):
                await grouped.execute(ADD, {"code": code, "call": None})
        is_down = False
        for code in ("00093", "00094"):
            assert _row(await grouped.execute(ADD, {"code": code, "call": None}))[0] == code
    finally:
        await pool.close()
    assert await _stored(["00091", "00092", "00093", "00094"]) == {"00093", "00094"}
