"""Responses as JSON and CSV, made from the same value, with an ETag and a cache lifetime."""

import csv
import hashlib
import io
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel

from app.kernel.actor import Actor, Anonymous
from app.kernel.http.responses import set_links
from app.kernel.i18n import _, language
from app.kernel.paging import Page, bad_cursor, encode_cursor
from app.kernel.tabular.files import safe_cell
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.metrics import METRICS
from app.savings.rules.tables import Row, Table, place_in_order, plain
from app.savings.schemas import QueryOut, RowOut, TableOut

FRESH_SECONDS = 300
"""Cache lifetime of public responses."""
Format = Annotated[Literal["json", "csv"] | None, Query(description="Or say so in Accept.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
CSV = {"text/csv": {"schema": {"type": "string"}}}


def wants_csv(request: Request, asked: str | None) -> bool:
    """Return the format of the address, else of the Accept header."""
    if asked is not None:
        return asked == "csv"
    return "text/csv" in request.headers.get("accept", "")


def query_out(query: MetricQuery) -> QueryOut:
    """Return a query as it is echoed in the response."""
    return QueryOut(
        since=query.since,
        until=query.until,
        services=list(query.services),
        states=list(query.states),
        regions=list(query.regions),
        unit=query.unit,
        channels=list(query.channels),
        segment=query.segment,
        segment_values=list(query.segment_values),
        group_by=list(query.group_by),
    )


def row_out(columns: Iterable[str], row: Row) -> RowOut:
    """A row with its keys by name."""
    return RowOut(
        keys=named(columns, row.keys),
        value=row.value,
        low=row.low,
        high=row.high,
        n=row.n,
        suppressed=row.suppressed,
        partial=row.partial,
    )


def named(columns: Iterable[str], keys: Iterable[Any]) -> dict[str, str | int]:
    """Keys by the names of what is grouped by; of a total there are none."""
    return {name: plain(key) for name, key in zip(columns, keys, strict=False)}


def table_out(table: Table, rows: Iterable[Row]) -> TableOut:
    """A page of a table."""
    return TableOut(
        metric=table.metric,
        name=_(METRICS[table.metric].name),
        unit=table.unit,
        query=query_out(table.query),
        version=table.version,
        prices=table.year,
        seed=table.seed,
        total=row_out((), table.total),
        rows=[row_out(table.columns, row) for row in rows],
    )


NUMBERS = ("value", "low", "high", "n", "suppressed", "partial")


def table_csv(table: Table) -> str:
    """A whole table: each row has its metric and unit, so that a line alone can be read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["metric", "unit", *table.columns, *NUMBERS])
    for row in table.rows:
        numbers = ("" if value is None else value for value in (row.value, row.low, row.high, row.n))
        keys = (safe_cell(key) if isinstance(key, str) else key for key in map(plain, row.keys))
        writer.writerow(
            [table.metric, table.unit, *keys, *numbers, *(str(flag).lower() for flag in (row.suppressed, row.partial))]
        )
    return out.getvalue()


def page_of(rows: tuple[Row, ...], page: Page) -> tuple[tuple[Row, ...], str | None]:
    """The rows of a page, and the cursor of the next one.

    Raises:
        Invalid: the cursor isn't of this list.
    """
    after = tuple(page.after) if page.after is not None else None
    try:
        left = [row for row in rows if after is None or place_in_order(row.keys) > after]
    except TypeError as error:
        raise bad_cursor() from error
    shown = tuple(left[: page.limit])
    return shown, encode_cursor(*place_in_order(shown[-1].keys)) if len(left) > page.limit else None


def cacheable_response(request: Request, actor: Actor, body: str, media_type: str, *, name: str = "") -> Response:
    """Return the response with its ETag: a public one may be cached briefly, an analyst's is revalidated. 304 when the
    caller has it already. `name`: the file name of a download."""
    tag = f'"{hashlib.sha256(f"{media_type} {language()} {body}".encode()).hexdigest()[:24]}"'
    cache_control = f"public, max-age={FRESH_SECONDS}" if isinstance(actor, Anonymous) else "private, no-cache"
    headers = {"ETag": tag, "Cache-Control": cache_control, "Vary": "Accept, Accept-Language, Authorization"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, headers=headers, media_type=media_type)


def json_page(request: Request, actor: Actor, out: BaseModel, *, cursor: str | None = None) -> Response:
    """A page as JSON, with the address of the next one."""
    made = cacheable_response(request, actor, out.model_dump_json(), "application/json")
    set_links(made, request, cursor)
    return made
