"""Whole tables behind the metrics, as CSV or Parquet: all of them for analysts, the public release for anyone."""

import os
from datetime import date
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.clients.dependencies import ExportsApi
from app.clients.problems import OutsideUnits
from app.kernel import clock
from app.kernel.actor import Actor, Client
from app.kernel.db import reading
from app.kernel.http.openapi import problem_responses
from app.kernel.problems import Unavailable
from app.places.rules import DEFAULT_ZONE
from app.savings import problems
from app.savings.export.files import FORMATS, Format, Span, pieces, spooled
from app.savings.export.tables import Table, Type
from app.savings.service.metrics import sees_all

router = APIRouter(prefix="/api/v1/exports", tags=["metrics"])

AT_ONCE = 2
"""Files a process makes at once: each holds a connection while it is made."""
_making: set[object] = set()
TableName = Annotated[str, Path(pattern=r"^[a-z_]{1,30}$")]
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole table.", "content": {"text/csv": {}, FORMATS["parquet"]: {}}}
}


class ColumnOut(BaseModel):
    """A column: its type, unit and meaning; `is_key` where it is part of the key."""

    name: str
    type: Type
    unit: str
    means: str
    is_key: bool


class ExportOut(BaseModel):
    """A table that can be had, as the caller gets it."""

    table: str
    title: str
    means: str
    source: str
    columns: list[ColumnOut]


@router.get("", operation_id="list_exports", summary="The tables that can be had whole, with their columns")
async def list_exports(actor: ExportsApi) -> list[ExportOut]:
    """List the exports: all tables for analysts, the public release for anyone else."""
    return [_export_out(table) for table in Span(is_public=not sees_all(actor)).tables().values()]


def _export_out(table: Table) -> ExportOut:
    columns = [
        ColumnOut(name=field.name, type=field.type, unit=field.unit, means=field.means, is_key=field.is_key)
        for field in table.fields
    ]
    return ExportOut(table=table.name, title=table.title, means=table.means, source=table.source, columns=columns)


@router.get(
    "/{table}",
    operation_id="get_export",
    summary="A table, whole, as CSV or Parquet",
    response_class=StreamingResponse,
    responses={**FILES, **problem_responses(OutsideUnits, problems.ExportUnknown, problems.BaselineUnknown)},
)
async def get_export(
    actor: ExportsApi,
    table: TableName,
    since: Annotated[date | None, Query(description="First day; of the whole table if left out.")] = None,
    until: Annotated[date | None, Query(description="Last day, included.")] = None,
    version: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="Of the parameters; newest if left out.")
    ] = None,
    kind: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Rows are ordered by their keys; the columns are described by `list_exports`."""
    span = _span(actor, since, until, version)
    if table not in span.tables():
        raise problems.ExportUnknown
    file = await _made(table, span, kind)
    headers = {
        "Content-Disposition": f'attachment; filename="{table}.{kind}"',
        "Content-Length": str(os.fstat(file.fileno()).st_size),
        "Cache-Control": "public, max-age=300" if span.is_public else "private, no-store",
        "Vary": "Authorization",
    }
    return StreamingResponse(pieces(file), headers=headers, media_type=FORMATS[kind])


def _span(actor: Actor, since: date | None, until: date | None, version: int | None) -> Span:
    if isinstance(actor, Client) and actor.unit_ids is not None:
        raise OutsideUnits
    return Span(since, until, version, is_public=not sees_all(actor), today=clock.today(DEFAULT_ZONE))


async def _made(table: str, span: Span, kind: Format) -> IO[bytes]:
    """Return the file, made in a read transaction of its own.

    Raises:
        Unavailable: too many are being made. BaselineUnknown.
    """
    if len(_making) >= AT_ONCE:
        raise Unavailable(retry_after=30)
    mark = object()
    _making.add(mark)
    try:
        async with reading() as session:
            return await spooled(session, table, span, kind)
    finally:
        _making.discard(mark)
