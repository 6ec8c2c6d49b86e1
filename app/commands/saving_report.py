"""Savings reports: one value rendered for people (Markdown), programs (JSON) and tables (Parquet)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from app.kernel import clock
from app.kernel.i18n import N_, _, format_day, ngettext
from app.places.rules import DEFAULT_ZONE
from app.savings.rules.groups import PERIODS, is_cut
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.parameters import Parameter
from app.savings.schemas import QueryOut, SavedOut, SavingsOut, what_is_left_out
from app.web.data import labels, numbers, parameter_labels

BARS_SHOWN = 5
UNITS = {"hours": "h", "mxn": "MXN", "value_mxn": "MXN"}
FORMULAS = (
    N_(
        "tiempo ahorrado = desplazados × (visitas × (camino + espera + atención) + preparación)"
        " − tiempo en línea − visitas que hicieron falta de todos modos"
    ),
    N_(
        "dinero ahorrado = desplazados × (visitas × pasaje + copias + otros)"
        " − datos del teléfono − pasajes de las visitas que hicieron falta"
    ),
    N_("valor del tiempo = horas ahorradas × salario por hora × parte del salario × parte que era de trabajo"),
)


def value_of(result: dict[str, Any], query: MetricQuery) -> SavingsOut:
    """Return the value that the API returns."""
    asked = {name: getattr(query, name) for name in query.__dataclass_fields__}
    return SavingsOut.model_validate({**result, "query": asked, "leaves_out": what_is_left_out()})


def as_json(value: SavingsOut) -> bytes:
    """Render as the API does."""
    return value.model_dump_json().encode()


def as_parquet(value: SavingsOut) -> bytes:
    """Render one row per group and measure; keys of the total are null. Provenance is in the file's metadata."""
    group_by = value.query.group_by
    rows = [row for group in (value.total, *value.groups) for row in _long(group, group_by)]
    made = {name: str(getattr(value, name)) for name in ("version", "prices", "seed", "draws")}
    made |= {"since": str(value.query.since), "until": str(value.query.until)}
    schema = pa.schema(
        [
            *(pa.field(name, pa.string()) for name in (*group_by, "saved", "unit")),
            *(pa.field(name, pa.float64()) for name in ("value", "low", "high")),
            pa.field("n", pa.int64()),
        ],
        metadata=made,
    )
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), sink, compression="zstd")
    return bytes(sink.getvalue())


def _long(group: SavedOut, group_by: Sequence[str]) -> Iterator[dict[str, Any]]:
    for saved, unit in UNITS.items():
        interval = getattr(group, saved)
        keys = {name: str(group.keys[name]) if name in group.keys else None for name in group_by}
        numbers_ = {"value": interval.value, "low": interval.low, "high": interval.high, "n": group.n}
        yield {**keys, "saved": saved, "unit": unit, **numbers_}


def as_markdown(value: SavingsOut, parameters: Sequence[Parameter]) -> bytes:
    """Render in plain words, in the current language."""
    parts = [*_head(value), *_groups(value), *_width(value), *_left_out(value), *_method(value), *_sources(parameters)]
    return ("\n".join(parts) + "\n").encode()


def _head(value: SavingsOut) -> Iterator[str]:
    days = {"since": format_day(value.query.since), "until": format_day(value.query.until)}
    yield "# " + _("Lo que la gente se ahorró")
    yield ""
    yield _("Del %(since)s al %(until)s.") % days
    yield ""
    total = value.total
    if not total.n:
        yield _("No hay trámites que cuenten en esos días.")
        return
    yield (
        "**"
        + ngettext("%(hours)s, con %(n)s trámite que cuenta.", "%(hours)s, con %(n)s trámites que cuentan.", total.n)
        % {
            "hours": _capital(_spoken(total, "hours")),
            "n": numbers.number(total.n),
        }
        + "**"
    )
    yield ""
    yield _("Y %(mxn)s que no salieron de su bolsillo.") % {"mxn": _spoken(total, "mxn")}
    yield _("Ese tiempo vale %(mxn)s de salario, que son otra cosa y no se suman a los anteriores.") % {
        "mxn": _spoken(total, "value_mxn")
    }
    yield _("En nueve de cada diez cálculos con otras cifras posibles, el resultado cae entre esos extremos.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _spoken(group: SavedOut, saved: str) -> str:
    interval = getattr(group, saved)
    return numbers.spoken(UNITS[saved], interval.low, interval.high)


def _groups(value: SavingsOut) -> Iterator[str]:
    if not value.groups:
        return
    heads = [_(labels.GROUPS[name]) for name in value.query.group_by]
    yield from ("", "## " + _("Por partes"), "")
    yield from _table(
        [*heads, _("Trámites que cuentan"), _("Horas"), _("Pesos"), _("Valor del tiempo, en pesos")],
        [[*_keys(value, group), *_numbers(group)] for group in value.groups]
        + [[_("Todo"), *[""] * (len(heads) - 1), *_numbers(value.total)]],
        text=len(heads),
    )


def _keys(value: SavingsOut, group: SavedOut) -> list[str]:
    return [_named(value.query, name, str(group.keys[name])) for name in value.query.group_by]


def _named(asked: QueryOut, group: str, key: str) -> str:
    if group not in PERIODS:
        return labels.name_of(group, key)
    first = date.fromisoformat(key)
    name = labels.name_of(group, first)
    if is_cut(group, first, asked.since, asked.until, clock.today(DEFAULT_ZONE)):
        return _("%(period)s (incompleto)") % {"period": name}
    return name


def _numbers(group: SavedOut) -> list[str]:
    return [numbers.number(group.n or 0), *(_interval(group, saved) for saved in UNITS)]


def _interval(group: SavedOut, saved: str) -> str:
    interval = getattr(group, saved)
    middle, low, high = (numbers.plain(UNITS[saved], part) for part in (interval.value, interval.low, interval.high))
    return _("%(middle)s (%(low)s a %(high)s)") % {"middle": middle, "low": low, "high": high}


def _width(value: SavingsOut) -> Iterator[str]:
    if not value.bars:
        return
    yield from ("", "## " + _("De qué depende más"), "")
    yield _("Horas ahorradas en todo, si una sola cifra va de su extremo bajo al alto:")
    yield ""
    yield from _table(
        [_("Cifra"), _("En su extremo bajo"), _("En su extremo alto")],
        [
            [
                parameter_labels.title(bar.key, bar.scope, bar.place),
                numbers.plain("h", bar.at_low),
                numbers.plain("h", bar.at_high),
            ]
            for bar in value.bars[:BARS_SHOWN]
        ],
        text=1,
    )


def _left_out(value: SavingsOut) -> Iterator[str]:
    yield from ("", "## " + _("Lo que no cuenta, o cuenta en contra"), "")
    yield from (f"- {left.text}" for left in value.leaves_out)


def _method(value: SavingsOut) -> Iterator[str]:
    yield from ("", "## " + _("Cómo se calculó"), "")
    yield from (_("Para cada trámite y lugar, sobre lo que cuenta:"), "")
    yield from (f"- {_(formula)}" for formula in FORMULAS)
    yield ""
    yield _(
        "Con la versión %(version)s de las cifras, en pesos de %(prices)s, con %(draws)s sorteos y la semilla %(seed)s:"
        " con ellos sale lo mismo."
    ) % {
        "version": value.version,
        "prices": value.prices,
        "draws": numbers.number(value.draws),
        "seed": value.seed,
    }


def _sources(parameters: Sequence[Parameter]) -> Iterator[str]:
    yield from ("", "## " + _("De dónde vienen las cifras"), "")
    yield from _table(
        [_("Cifra"), _("Bajo / más probable / alto"), _("Qué tan segura"), _("Fuente")],
        [
            [
                parameter_labels.parameter(row),
                parameter_labels.ends(row),
                _(parameter_labels.CONFIDENCES[row.confidence]),
                parameter_labels.source(row.source),
            ]
            for row in parameters
        ],
        text=4,
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, text: int) -> Iterator[str]:
    """Render a table whose first `text` columns are text and the rest numbers."""
    yield _line(head)
    yield _line(["---" if number < text else "---:" for number in range(len(head))])
    yield from (_line(row) for row in rows)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
