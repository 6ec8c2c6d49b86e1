"""The same year as single transactions, as who has no sums would keep them: in PostgreSQL, and in Parquet for
DuckDB."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.harness import execute, rows
from bench.national_cube import CHANNELS, YEAR, services

IN_SQL = 10_000_000
IN_PARQUET = 100_000_000
# What the model of savings needs, by month, service and region.
SUMS = (
    "SELECT date_trunc('month', day) AS month, service, region, sum(counted) AS counted, sum(located) AS located,"
    " sum(metres) AS metres, sum(seconds) AS seconds, sum(online) AS online, sum(observed) AS observed,"
    " sum(visits) AS visits FROM {table} WHERE channel <> 'desk' GROUP BY 1, 2, 3"
)


def fill_sql(url: str) -> None:
    """A table of transactions with nothing but what is added up."""
    named = services()
    execute(
        url,
        "CREATE UNLOGGED TABLE raw_transaction (day date, service text, region text, channel text, counted smallint,"
        " located smallint, metres int, seconds int, online smallint, observed smallint, visits smallint)",
        "INSERT INTO raw_transaction SELECT"
        f" DATE '{YEAR}-01-01' + n % 365, (ARRAY{named})[n % {len(named)} + 1],"
        f" (SELECT array_agg(DISTINCT region) FROM saving_region)[n / 7 % 8 + 1], (ARRAY{list(CHANNELS)})[n % 3 + 1],"
        " (n % 5 < 3)::int, (n % 5 < 2)::int, n % 12000, n % 400, 1, (n % 10 < 7)::int, (n % 33 = 0)::int"
        f" FROM generate_series(1, {IN_SQL}) n",
        "VACUUM ANALYZE raw_transaction",
    )


def fill_parquet(folder: Path) -> Path:
    """The same in Parquet, ten times as many."""
    file, named = folder / "transactions.parquet", services()
    duckdb.sql(
        f"COPY (SELECT DATE '{YEAR}-01-01' + CAST(n % 365 AS INTEGER) AS day,"
        f" {named}[n % {len(named)} + 1] AS service, 'region-' || (n // 7 % 8) AS region,"
        f" {list(CHANNELS)}[n % 3 + 1] AS channel, CAST(n % 5 < 3 AS TINYINT) AS counted,"
        " CAST(n % 5 < 2 AS TINYINT) AS located, CAST(n % 12000 AS INTEGER) AS metres,"
        " CAST(n % 400 AS INTEGER) AS seconds, CAST(1 AS TINYINT) AS online, CAST(n % 10 < 7 AS TINYINT) AS observed,"
        f" CAST(n % 33 = 0 AS TINYINT) AS visits FROM range({IN_PARQUET}) t (n)) TO '{file}' (FORMAT parquet)"
    )
    return file


def by_sql(url: str) -> float:
    """Seconds PostgreSQL takes, with all its workers."""
    return _best(lambda: rows(url, SUMS.format(table="raw_transaction")))


def by_duckdb(file: Path) -> float:
    """Seconds DuckDB takes over Parquet."""
    return _best(lambda: duckdb.sql(SUMS.format(table=f"'{file}'")).fetchall())


def _best(work: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
