"""Postal codes: GeoNames (tabs, no header), SEPOMEX (pipes, Latin-1, a notice above the header), or code,lat,lng."""

import json
from collections.abc import Iterator
from pathlib import Path

from app.kernel.db import transaction
from app.kernel.statements import StatementFiles
from app.kernel.tabular.encodings import has_undecodable
from app.kernel.tabular.files import open_rows, open_text, sniff
from app.kernel.tabular.report import UNDECODABLE, ImportReport, Reason, Rejects, require_data
from app.places.importers.clues import EAST, NORTH, NOWHERE, SOUTH, WEST
from app.places.importers.text import postal_code, tidy
from app.places.importers.units import Progress, no_progress

BATCH = 5_000
BAD_CODE = Reason("No es un código postal de 5 números.", "Not a postal code of 5 digits.")
SHORT = Reason("La fila tiene menos columnas que las demás.", "The row has fewer columns than the rest.")

# (code, latitude, longitude, state, municipality, settlement, zone), by position; None where the layout hasn't it.
GEONAMES = (1, 9, 10, 3, 5, 2, None)
SIMPLE = (0, 1, 2, None, None, None, None)
SEPOMEX_HEADERS = ("d_codigo", None, None, "d_estado", "d_mnpio", "d_asenta", "d_zona")
RURAL = "RURAL"

Place = tuple[int | None, ...]
Values = dict[str, object]

_MERGE = StatementFiles("app.places").load("merge_postal_codes")


async def import_postal_codes(
    path: Path, *, rejects: Path, progress: Progress = no_progress, encoding: str | None = None
) -> ImportReport:
    """Read postal codes and make or complete them. A second run changes nothing.

    Raises:
        RuntimeError: it is none of the known layouts, or its encoding is unknown.
    """
    report = ImportReport()
    place, skip, delimiter = _layout(path, encoding)
    with Rejects(rejects, report, path) as rejected, open_rows(path, delimiter, encoding) as rows:
        async with transaction() as session:
            codes: dict[str, Values] = {}
            for line, row in rows:
                if line <= skip:
                    continue
                report.read += 1
                if any(map(has_undecodable, row)):
                    rejected.reject(line, "", ",".join(row)[:200], UNDECODABLE)
                    continue
                values = _understand(line, row, place, rejected)
                if values is not None:
                    first = codes.setdefault(str(values["code"]), values)
                    if values["is_rural"] is False:
                        first["is_rural"] = False
                if report.read % BATCH == 0:
                    progress(report.read)
            for batch in _batches(list(codes.values())):
                made = (await session.scalars(_MERGE, {"rows": json.dumps(batch)})).all()
                report.added += sum(made)
                report.changed += len(made) - sum(made)
    report.same = len(codes) - report.added - report.changed
    return report


def _batches(values: list[Values]) -> Iterator[list[Values]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def _layout(path: Path, encoding: str | None) -> tuple[Place, int, str]:
    """Where the fields are, how many lines come before the data, and what separates the fields.

    Raises:
        RuntimeError: it is none of the known layouts.
    """
    with open_text(path, encoding) as file:
        first, second = file.readline(), file.readline()
    if first.startswith("MX\t"):
        return GEONAMES, 0, "\t"
    require_data(first.split(sniff(first)) if first.strip() else [second])
    for lines_before, line in ((1, first), (2, second)):
        delimiter = sniff(line)
        names = [name.strip().lower() for name in line.split(delimiter)]
        if "d_codigo" in names:
            return tuple(names.index(n) if n in names else None for n in SEPOMEX_HEADERS), lines_before, delimiter
        if names[:1] == ["postal_code"]:
            return SIMPLE, lines_before, delimiter
    raise RuntimeError(
        "not a postal-code file we know: GeoNames MX.txt, SEPOMEX CPdescarga.txt, or postal_code,lat,lng"
    )


def _understand(line: int, row: list[str], place: Place, rejected: Rejects) -> Values | None:
    if not any(cell.strip() for cell in row):
        return None
    if len(row) <= max(position for position in place if position is not None):
        rejected.reject(line, "", ",".join(row)[:200], SHORT)
        return None
    cells = [tidy(row[position]) if position is not None else "" for position in place]
    value = postal_code(cells[0])
    if value is None or value > 99_998 or value < 1_000:
        rejected.reject(line, "postal_code", row[place[0] or 0][:200], BAD_CODE)
        return None
    point = _point(cells[1], cells[2])
    if point is None and (cells[1] or cells[2]):
        rejected.note(line, "latitude longitude", f"{cells[1]} {cells[2]}", NOWHERE)
    return {
        "code": f"{value:05d}",
        "latitude": point[0] if point else None,
        "longitude": point[1] if point else None,
        "state": cells[3] or None,
        "municipality": cells[4] or None,
        "settlement": cells[5] or None,
        "is_rural": cells[6].upper() == RURAL if cells[6] else None,
    }


def _point(latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        point = float(latitude), float(longitude)
    except ValueError:
        return None
    return point if SOUTH <= point[0] <= NORTH and WEST <= point[1] <= EAST else None
