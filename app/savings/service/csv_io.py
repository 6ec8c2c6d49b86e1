"""Parameters as CSV: what an analyst downloads, changes in a spreadsheet and sends back; and the seed of version 1."""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from app.kernel.i18n import N_
from app.kernel.problems import FieldError
from app.kernel.tabular.files import plain_cell, safe_cell
from app.savings.problems import VALIDATION_MESSAGES, ParametersInvalid
from app.savings.rules.parameters import CONFIDENCES, DISTRIBUTIONS, Parameter, validate_parameter

COLUMNS = [field.name for field in fields(Parameter)]
NUMBERS = {"low": float, "value": float, "high": float, "price_year": int, "sample": int}
NEEDED = ("key", "distribution", "value", "unit", "source", "confidence")
CHOICES = {"distribution": DISTRIBUTIONS, "confidence": CONFIDENCES}
SEED = Path(__file__).parents[1] / "seed" / "baseline.csv"
MAX_ROWS = 100_000
ERRORS_SHOWN = 50

NOT_A_NUMBER = N_("No es un número.")
NOT_KNOWN = N_("No es uno de los valores que se aceptan.")
MISSING = N_("Falta este dato.")
COLUMNS_MISSING = N_("Faltan columnas: use las del archivo que se descarga.")
TOO_MANY = N_("Son demasiadas filas.")
UNREADABLE = N_("El archivo no se puede leer como tabla: revise que cada comilla se cierre.")


def to_csv(parameters: Iterable[Parameter]) -> str:
    """Parameters as a table, with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for parameter in parameters:
        writer.writerow([_cell(getattr(parameter, name)) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return safe_cell(value)
    return "" if value is None else value


def from_csv(text: str) -> list[Parameter]:
    """Parameters of a table with a header, in any order of columns.

    Raises:
        ParametersInvalid: columns or rows aren't right; `fields` names line and column.
    """
    # Strict: else a quotation mark that is never closed would take all rows after it into one field.
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        return _parameters_of(reader)
    except csv.Error as error:
        raise ParametersInvalid(fields=[FieldError(str(reader.line_num), UNREADABLE, "unreadable")]) from error


def _parameters_of(reader: "csv.DictReader[str]") -> list[Parameter]:
    if not set(COLUMNS) - {"sample"} <= set(reader.fieldnames or ()):
        raise ParametersInvalid(fields=[FieldError("1", COLUMNS_MISSING, "columns_missing")])
    made: list[Parameter] = []
    wrong: list[FieldError] = []
    for row in reader:
        line = reader.line_num
        if len(made) >= MAX_ROWS:
            raise ParametersInvalid(fields=[FieldError(str(line), TOO_MANY, "too_many")])
        cells = {name: plain_cell(row.get(name) or "").strip() for name in COLUMNS}
        issues = _issues(cells)
        if not issues:
            parameter = _parameter(cells)
            issues = [(name, VALIDATION_MESSAGES[code]) for name, code in validate_parameter(parameter)]
            made.append(parameter)
        wrong += [FieldError(f"{line}.{name}", reason, "wrong_value") for name, reason in issues]
    if wrong:
        raise ParametersInvalid(fields=wrong[:ERRORS_SHOWN])
    return made


def _issues(cells: dict[str, str]) -> list[tuple[str, str]]:
    issues = [(name, MISSING) for name in NEEDED if not cells[name]]
    for name, kind in NUMBERS.items():
        try:
            kind(cells[name] or "0")
        except ValueError:
            issues.append((name, NOT_A_NUMBER))
    for name, known in CHOICES.items():
        if cells[name] and cells[name] not in known:
            issues.append((name, NOT_KNOWN))
    return issues


def _parameter(cells: dict[str, str]) -> Parameter:
    values = {name: NUMBERS[name](cell) if cell else None for name, cell in cells.items() if name in NUMBERS}
    return Parameter(**{**cells, **values})  # type: ignore[arg-type] # checked by _issues


def seed_parameters() -> list[Parameter]:
    """The parameters version 1 begins with."""
    return from_csv(SEED.read_text(encoding="utf-8"))
