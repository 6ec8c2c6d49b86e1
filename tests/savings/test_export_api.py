"""Tables over HTTP: all of them to analysts, to everyone what is published; and the report's value is the API's."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import duckdb
import httpx
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from app.commands.saving_report import as_json, value_of
from app.kernel import db as kernel_db
from app.kernel.actor import Role, System
from app.kernel.db import reading
from app.main import create_app
from app.savings.export.tables import EXPORTED, PUBLIC_TABLES
from app.savings.rules.metric_query import MetricQuery
from app.savings.service import reports
from tests.conftest import Database, clone, drop
from tests.requests.actors import Officer, hire
from tests.savings.filled import fill

EXPORTS = "/api/v1/exports"


@dataclass
class Scene:
    client: httpx.AsyncClient
    analyst: Officer
    officer: Officer


@pytest.fixture(scope="module")
async def scene(worker_name: str) -> AsyncIterator[Scene]:
    url = clone(f"exports_{worker_name}")
    kernel_db.configure(url.render_as_string(hide_password=False))
    db = Database(url)
    async with db.transaction() as session:
        await fill(session, months=2)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app()), base_url="http://portal") as client:
        yield Scene(client, await hire(db, client, Role.ANALYST), await hire(db, client, Role.OFFICER))
    await kernel_db.disconnect()
    drop(url)


async def test_each_gets_the_tables_for_them(scene: Scene) -> None:
    for headers, tables in (
        (scene.analyst.headers, EXPORTED),
        (scene.officer.headers, PUBLIC_TABLES),
        ({}, PUBLIC_TABLES),
    ):
        listed = (await scene.client.get(EXPORTS, headers=headers)).json()
        assert [one["table"] for one in listed] == list(tables)
        for one in listed:
            got = await scene.client.get(f"{EXPORTS}/{one['table']}", headers=headers)
            assert got.status_code == 200, got.text
            assert got.headers["content-type"] == "text/csv; charset=utf-8"
            assert csv.read_csv(io.BytesIO(got.content)).column_names == [column["name"] for column in one["columns"]]


async def test_csv_and_parquet_hold_the_same(scene: Scene) -> None:
    text_ = await scene.client.get(f"{EXPORTS}/cells", headers=scene.analyst.headers)
    whole = {**scene.analyst.headers, "Accept-Encoding": "identity"}
    table = await scene.client.get(f"{EXPORTS}/cells?format=parquet", headers=whole)
    read = pq.read_table(io.BytesIO(table.content))
    assert (read.num_rows, int(table.headers["content-length"])) == (2 * 4 * 3 * 2, len(table.content))
    assert csv.read_csv(
        io.BytesIO(text_.content),
        convert_options=csv.ConvertOptions(column_types=read.schema, strings_can_be_null=False),
    ).equals(read)
    assert read.schema.field("seconds").metadata[b"unit"] == b"s"


async def test_days_choose_rows(scene: Scene) -> None:
    got = await scene.client.get(
        f"{EXPORTS}/cells?since=2026-02-01&until=2026-02-28&format=parquet", headers=scene.analyst.headers
    )
    months = pq.read_table(io.BytesIO(got.content)).column("month")
    assert set(months.to_pylist()) == {date(2026, 2, 1)}


@pytest.mark.parametrize("table", ["daily", "reasons", "units", "people", "versions"])
async def test_what_is_not_for_everyone_is_not_there(scene: Scene, table: str) -> None:
    got = await scene.client.get(f"{EXPORTS}/{table}")
    assert (got.status_code, got.json()["type"]) == (404, "/problems/export-unknown")


async def test_figures_are_of_a_published_version(scene: Scene) -> None:
    assert (await scene.client.get(f"{EXPORTS}/parameters?version=1")).status_code == 200
    got = await scene.client.get(f"{EXPORTS}/parameters?version=7")
    assert (got.status_code, got.json()["type"]) == (404, "/problems/baseline-unknown")


async def test_many_at_once_get_a_retry_after(scene: Scene) -> None:
    got = await asyncio.gather(*(scene.client.get(f"{EXPORTS}/released") for _ in range(6)))
    assert {one.status_code for one in got} == {200, 503}
    assert all(one.headers["retry-after"] for one in got if one.status_code == 503)
    assert (await scene.client.get(f"{EXPORTS}/released")).status_code == 200


async def test_the_export_adds_up_to_what_the_metrics_tell(scene: Scene) -> None:
    """From the file alone comes the completion that the API returns."""
    headers = scene.analyst.headers
    got = await scene.client.get(f"{EXPORTS}/cells?format=parquet", headers=headers)
    cells = pq.read_table(io.BytesIO(got.content))  # noqa: F841 # read by name in the statement
    by_hand = duckdb.sql("SELECT sum(completed) / sum(started) FROM cells").fetchone()
    reported = await scene.client.get("/api/v1/metrics/completion?since=2026-01-01&until=2026-02-28", headers=headers)
    assert by_hand == (pytest.approx(reported.json()["total"]["value"]),)


async def test_the_reports_json_is_the_apis_answer(scene: Scene) -> None:
    got = await scene.client.get(
        "/api/v1/savings?since=2026-01-01&until=2026-02-28&group_by=service", headers=scene.analyst.headers
    )
    query = MetricQuery(date(2026, 1, 1), date(2026, 2, 28), group_by=("service",))
    async with reading() as session:
        value = value_of(await reports.savings(session, System("test"), query), query)
    assert got.content == as_json(value)
