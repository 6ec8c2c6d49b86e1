"""A plot with all that goes with it, made from one value: a title that says what was found, the picture, its numbers as
a table, and as records to download."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from markupsafe import Markup

from app.kernel import clock
from app.kernel.i18n import N_, _, ngettext
from app.kernel.tabular.files import safe_cell
from app.places.rules import DEFAULT_ZONE
from app.savings.rules.disclosure import MIN_PEOPLE
from app.savings.rules.groups import DAY, PERIODS, is_cut, last_day_of, period_of
from app.savings.rules.metrics import METRICS
from app.savings.rules.model import Bar
from app.savings.rules.tables import Row, Table, plain
from app.savings.rules.uncertainty import Interval
from app.web.data import labels, numbers, parameter_labels, specs
from app.web.data.svg_renderer import styled_svg, svg_renderer
from app.web.rendering import safe_svg

ONE_AT_A_TIME = N_(
    "Cada cifra va de su 5 %% a su 95 %% y las demás se quedan en medio: "
    "el círculo es el extremo bajo y el rombo el alto. Marca negra: %(hours)s horas, con todas en medio."
)
MAX_OF_ALL = N_("La gráfica muestra las %(count)s que más pesan.")
LEFT_OUT = N_("Las que cambian menos de media hora solo están en el CSV.")
TOO_FEW = N_("%(what)s: muy pocos casos para destacar uno")
NO_DATA = N_("Sin datos con estos filtros")
NOT_SAVED_BY = {
    "desk": N_("Por ventanilla no se ahorra: con ella se compara"),
    "phone": N_("Por teléfono no se mide lo ahorrado"),
}
"""Channels in which what was saved is nothing by definition."""
MAX_BARS = 12
"""Figures shown in the tornado; all of them are in its table."""
COLUMNS = ("key", "value", "low", "high", "n", "suppressed")


@dataclass(frozen=True, slots=True)
class Plot:
    """`name` is its place on the page and its file's name. `rows` are cells as shown, `records` as downloaded; `spec`
    is None where there is nothing to draw, `wide_spec` the same drawing for a wide window. `note` says what the reader
    must know."""

    name: str
    title: str
    description: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[dict[str, Any], ...]
    spec: dict[str, Any] | None
    wide_spec: dict[str, Any] | None = None
    note: str = ""

    def csv(self) -> str:
        """The numbers for a spreadsheet, whole and without names in a language."""
        out = io.StringIO()
        writer = csv.DictWriter(out, list(self.records[0]) if self.records else COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: safe_cell(value) if isinstance(value, str) else value for name, value in record.items()}
            for record in self.records
        )
        return out.getvalue()


async def picture(plot: Plot) -> Markup | None:
    """The plot as SVG twice, for a telephone and for a wide window, one of which the page shows; None when it couldn't
    be drawn: the table says the same."""
    if plot.spec is None:
        return None
    narrow = await svg_renderer.draw(plot.spec)
    wide = await svg_renderer.draw(plot.wide_spec) if narrow and plot.wide_spec else None
    if not narrow:
        return None
    drawn = [("v-plot--narrow" if wide else "", plot.name, narrow)]
    if wide:
        drawn.append(("v-plot--wide", f"{plot.name}-ancha", wide))
    return safe_svg("".join(styled_svg(svg, name, plot.title, plot.description, look) for look, name, svg in drawn))


def of_table(name: str, table: Table, *, note: str = "") -> Plot:
    """The plot of a metric by one group: a line through periods, bars for anything else."""
    group = table.columns[0]
    timed = group in PERIODS
    rows = table.rows if timed else _largest_first(table.rows)
    label = _(METRICS[table.metric].title)
    known = [row for row in rows if row.value is not None]
    cut = _cut_of(table)
    records = tuple(_record(group, table.unit, row, cut) for row in rows)
    is_drawn = bool(known) and not _not_saved(table)
    drawn = partial(_spec, table, group, label, _every_period(table, rows) if timed else known, cut, timed=timed)
    return Plot(
        name=name,
        title=_title(table, label, known, cut, timed=timed),
        description=_description(table, label, known, cut, timed=timed),
        caption=_caption(table),
        header=(_(labels.GROUPS[group]), _("Valor"), _("Extremo bajo"), _("Extremo alto"), _("Casos")),
        rows=tuple(_cells(group, table.unit, row, cut) for row in rows),
        records=records,
        spec=drawn(wide=False) if is_drawn else None,
        wide_spec=drawn(wide=True) if is_drawn else None,
        note=note,
    )


def _every_period(table: Table, rows: Sequence[Row]) -> list[Row]:
    """The rows of an answer and, without a value, the periods asked for that have none: no line is drawn through what
    wasn't measured or isn't published, nor does the first measured month look like the first one requested."""
    group, metric_query = table.columns[0], table.query
    found = {row.keys[0]: row for row in rows}
    day, end = period_of(group, metric_query.since), min(metric_query.until, clock.today(DEFAULT_ZONE))
    while day <= end:
        found.setdefault(day, Row((day,), None, None, None, None))
        day = last_day_of(group, day) + DAY
    return [found[key] for key in sorted(found)]


Cut = frozenset[Any]
"""Keys of the periods that aren't whole."""


def _cut_of(table: Table) -> Cut:
    group, metric_query, today = table.columns[0], table.query, clock.today(DEFAULT_ZONE)
    return frozenset(
        row.keys[0] for row in table.rows if is_cut(group, row.keys[0], metric_query.since, metric_query.until, today)
    )


def _not_saved(table: Table) -> str:
    """Why there can't be anything saved by the channel that was chosen; empty when there can."""
    channels = table.query.channels
    if not table.metric.startswith("savings") or len(channels) != 1 or channels[0] not in NOT_SAVED_BY:
        return ""
    return _(NOT_SAVED_BY[channels[0]])


def _largest_first(rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.value is None, -(row.value or 0.0), str(row.keys))))


def _record(group: str, unit: str, row: Row, cut: Cut) -> dict[str, Any]:
    key = row.keys[0]
    numbers_ = {"value": row.value, "low": row.low, "high": row.high, "n": row.n, "suppressed": row.suppressed}
    made = {"key": plain(key), "unit": unit, **numbers_, "incomplete": key in cut}
    return made | {"until": plain(last_day_of(group, key))} if group in PERIODS else made


def _cells(group: str, unit: str, row: Row, cut: Cut) -> tuple[str, ...]:
    name = _marked(labels.name_of(group, row.keys[0]), row, cut)
    if row.suppressed:
        hidden = _("sin publicar")
        return (name, hidden, "–", "–", "–")
    why = _("sin intervalo") if row.value is not None else "–"
    ends = (numbers.plain(unit, end) if end is not None else why for end in (row.low, row.high))
    value = numbers.plain(unit, row.value) if row.value is not None else _("sin datos")
    return (name, value, *ends, numbers.number(row.n) if row.n is not None else "–")


def _marked(name: str, row: Row, cut: Cut) -> str:
    """A row's name, saying where its period isn't whole."""
    return _("%(period)s (incompleto)") % {"period": name} if row.keys[0] in cut else name


def interval_text(unit: str, row: Row) -> str:
    """A row's number in words: its interval, where it has one."""
    if row.low is not None and row.high is not None and numbers.UNITS[unit].between:
        return numbers.spoken(unit, row.low, row.high)
    return f"{numbers.plain(unit, row.value)} {_(numbers.UNITS[unit].name)}"


def _title(table: Table, label: str, known: Sequence[Row], cut: Cut, *, timed: bool) -> str:
    not_saved = _not_saved(table)
    if not_saved or not known:
        return f"{label}: {not_saved or _lower_first(_(NO_DATA))}"
    group = table.columns[0]
    shown = _worth_a_title(known)
    if not shown:
        return _(TOO_FEW) % {"what": label}
    whole = [row for row in shown if row.keys[0] not in cut] or shown
    row = whole[-1] if timed else shown[0]
    name = _marked(labels.in_sentence(group, row.keys[0]), row, cut)
    found = {"what": label, "value": interval_text(table.unit, row), "name": name}
    if timed:
        return _("%(what)s: %(value)s en %(name)s") % found
    named = _("%(what)s: el más frecuente es «%(name)s», %(value)s")
    title = (named if group == "reason" else _("%(what)s: más en %(name)s, %(value)s")) % found
    metric_query, today = table.query, clock.today(DEFAULT_ZONE)
    return _("%(title)s (hasta hoy)") % {"title": title} if metric_query.since <= today <= metric_query.until else title


def _worth_a_title(known: Sequence[Row]) -> list[Row]:
    """Rows that a title may name: what fewer than FEWEST cases say may be chance."""
    return [row for row in known if row.n is None or row.n >= MIN_PEOPLE]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _description(table: Table, label: str, known: Sequence[Row], cut: Cut, *, timed: bool) -> str:
    if not known:
        return label
    group = table.columns[0]
    first, last = known[0], known[-1]
    found = {
        "what": label,
        "first": _marked(labels.in_sentence(group, first.keys[0]), first, cut),
        "last": _marked(labels.in_sentence(group, last.keys[0]), last, cut),
        "from": interval_text(table.unit, first),
        "to": interval_text(table.unit, last),
    }
    if timed:
        text = _("Línea con una franja: el intervalo de 90 %%. %(what)s: %(from)s (%(first)s); %(to)s (%(last)s).")
    else:
        text = _("Barras con una línea: el intervalo de 90 %%. %(what)s: %(from)s (%(first)s); %(to)s (%(last)s).")
    return text % found


def _caption(table: Table) -> str:
    text = _of_all(table)
    missing = not_in_it(table)
    return f"{text} {missing}" if missing else text


def not_in_it(table: Table) -> str:
    """Which of the months of an answer aren't in its sum, since they aren't published; empty when all are."""
    if table.columns != ("month",):
        return ""
    months = [row.keys[0] for row in table.rows if row.suppressed]
    if not months:
        return ""
    one, many = "No incluye %(months)s, que no se publica.", "No incluye %(months)s, que no se publican."
    return ngettext(one, many, len(months)) % {"months": numbers.month_names(months)}


def _of_all(table: Table) -> str:
    period = numbers.span(table.query.since, table.query.until, clock.today(DEFAULT_ZONE))
    if not table.total.n:
        return _("Periodo: %(period)s. Intervalo de 90 %%.") % {"period": period}
    n = table.total.n
    interval_text = ngettext("%(n)s caso", "%(n)s casos", n) % {"n": numbers.number(n)}
    if all(row.low is None for row in table.rows):
        return f"{interval_text}, {period}."
    return _("%(cases)s, %(period)s. Intervalo de 90 %%.") % {"cases": interval_text, "period": period}


def _spec(
    table: Table, group: str, label: str, known: Sequence[Row], cut: Cut, *, timed: bool, wide: bool
) -> dict[str, Any]:
    # What has no interval is drawn as its value alone.
    records = [
        {
            "key": plain(row.keys[0]) if timed else labels.name_of(group, row.keys[0]),
            "value": row.value,
            "low": row.value if row.low is None else row.low,
            "high": row.value if row.high is None else row.high,
            "incomplete": row.keys[0] in cut and row.value is not None,
        }
        for row in known
    ]
    unit = _(numbers.UNITS[table.unit].name)
    if timed:
        has_band = any(row.low is not None for row in known)
        band = _("%(unit)s · línea: el valor; franja: 90 de cada 100") % {"unit": unit} if has_band else unit
        part = " · " + _("punteado: periodo incompleto") if cut else ""
        return specs.series(records, table.unit, band + part, wide=wide)
    return specs.bars(records, table.unit, f"{label} ({unit})", short=group == "state", wide=wide)


def of_bars(name: str, bars: Sequence[Bar], total: Interval, since: date, until: date) -> Plot:
    """The tornado: which figures make the interval of the hours wide."""
    shown = [bar for bar in bars if bar.swing > 0]
    centre = shown[0].at_middle if shown else total.median
    label = _(METRICS["savings"].title)
    listed = [bar for bar in shown if round(bar.swing)] or shown
    records: tuple[dict[str, Any], ...] = tuple(
        {
            "key": parameter_labels.parameter(bar.parameter),
            "at_low": bar.at_low,
            "at_high": bar.at_high,
            "swing": bar.swing,
        }
        for bar in shown
    )
    drawn = list(records[: min(MAX_BARS, len(listed))])
    tornado = partial(specs.tornado, drawn, "h", f"{label} ({_(numbers.UNITS['h'].name)})", centre)
    title = _(NO_DATA)
    period = _("Periodo: %(period)s.") % {"period": numbers.span(since, until, clock.today(DEFAULT_ZONE))}
    notes = [_(MAX_OF_ALL) % {"count": MAX_BARS}] if len(listed) > MAX_BARS else []
    notes += [_(LEFT_OUT)] if len(listed) < len(shown) else []
    if shown:
        title = _("Lo que más ensancha el intervalo: %(figure)s") % {"figure": records[0]["key"]}
    return Plot(
        name=name,
        title=title,
        description=_(
            "Una línea por cifra: el círculo es lo que se ahorraría con su extremo bajo, el rombo con el alto."
        ),
        caption=f"{_(ONE_AT_A_TIME) % {'hours': numbers.number(centre)}} {period}" if shown else period,
        header=(_("Cifra"), _("Horas con el extremo bajo"), _("Horas con el extremo alto"), _("Diferencia")),
        rows=tuple(
            (str(one["key"]), *(numbers.plain("h", one[end]) for end in ("at_low", "at_high", "swing")))
            for one in records[: len(listed)]
        ),
        records=records,
        spec=tornado() if shown else None,
        wide_spec=tornado(wide=True) if shown else None,
        note=" ".join(notes),
    )
