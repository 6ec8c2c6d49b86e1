"""Plots as Vega-Lite specifications: the public record of how a figure is shown, which opens in any editor of them.

Each is drawn twice: 320 wide, so that letters are legible on the smallest phone, and 600 wide, with long names beside
their bars instead of above; what is uncertain is drawn with its interval; bars begin at
zero; shape and position distinguish what colour also does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Any

from babel import Locale

from app.kernel.i18n import LOCALES, language
from app.web.data.numbers import UNITS

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH, SERIES_HEIGHT = 320, 190
WIDE, WIDE_SERIES_HEIGHT = 600, 240
"""Where there is room: letters are as large as on a phone there."""
STEP, TALL_STEP, BELOW = 20, 36, 8
"""Pixels for each bar; with its name above it, and how far below the middle it is then."""
LINE, LETTER = 13, 6
"""Pixels for each further line of a name, and for each letter."""
LONGEST_NAME, LONGEST_BESIDE, LONGEST_LABEL = 50, 34, 95
"""Letters of a line: of a name above its bar in the narrow drawing, of one beside it in the wide one, and of what is
written over the wide one."""
DARK, MIDDLE, PALE, INK = "#13322b", "#235b4e", "#a9c8bf", "#0b0c0c"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"

Record = dict[str, Any]
RATING = (1, 5)
MAX_POINTS = 40
"""Of more periods the line shows no points."""


def series(records: Sequence[Record], unit: str, label: str = "", *, wide: bool = False) -> dict[str, Any]:
    """A line through the values of each period, with its interval as a band; of one period, a point with its interval.
    What leads to a period that isn't whole is dashed, and its point is hollow. `label` is written over the axis: the
    unit, and what line and band are.

    `records` have `key` (an ISO date), `value`, `low`, `high` and, where it isn't whole, `incomplete`. Without a value
    the line and the band are interrupted, and the axis covers the period all the same.
    """
    known = [one for one in records if one["value"] is not None]
    whole = [one for one in records if not one.get("incomplete")]
    dashed = _dashed(records)
    x: Record = {"field": "key", "type": "temporal", "scale": {"type": "utc"}, "title": None}
    x["axis"] = {"format": "%b %y", "labelOverlap": True, "grid": False, "tickCount": 5}
    y: Record = {"field": "value", "type": "quantitative", "title": None, "axis": _axis(unit)}
    y["scale"] = {"domain": list(RATING)} if unit == "points" else {"zero": True, "nice": 4}
    ends = {"y": y | {"field": "low"}, "y2": {"field": "high"}}
    band: Record = {"mark": {"type": "area", "color": PALE}, "encoding": ends}
    whisker: Record = {"mark": {"type": "rule", "color": MIDDLE, "strokeWidth": 3}, "encoding": ends}
    line: Record = {
        "mark": {
            "type": "line",
            "color": DARK,
            "strokeWidth": 2,
            "point": {"color": DARK, "size": 22} if len(known) <= MAX_POINTS else False,
        },
        "encoding": {"y": y},
    }
    if len(whole) < len(records):
        line["data"] = {"values": whole}
        hollow = {"type": "point", "fill": "white", "color": DARK, "opacity": 1, "size": 40}
        dash = {"type": "line", "color": DARK, "strokeWidth": 2, "strokeDash": [4, 4]}
        part = {"field": "segment", "type": "nominal"}
        ends_of = [one for one in records if one.get("incomplete")]
        more: list[Record] = [
            {"data": {"values": dashed}, "mark": dash, "encoding": {"y": y, "detail": part}},
            {"data": {"values": ends_of}, "mark": hollow, "encoding": {"y": y}},
        ]
    else:
        more = []
    layers = [band if len(known) > 1 else whisker, line, *more]
    height = WIDE_SERIES_HEIGHT if wide else SERIES_HEIGHT
    made = _whole(records, height, {"encoding": {"x": x}, "layer": layers}, wide=wide)
    if label:
        made["title"] = {
            "text": wrap(label, LONGEST_LABEL if wide else LONGEST_NAME),
            "anchor": "start",
            "fontSize": 11,
            "fontWeight": "normal",
            "color": INK,
        }
    return made


def _dashed(records: Sequence[Record]) -> list[Record]:
    """The ends of each stretch of the line that leads to, or from, a period that isn't whole."""
    broken = [
        pair
        for pair in pairwise(records)
        if any(one.get("incomplete") for one in pair) and all(one["value"] is not None for one in pair)
    ]
    return [end | {"segment": number} for number, pair in enumerate(broken) for end in pair]


def bars(
    records: Sequence[Record], unit: str, label: str, *, short: bool = False, wide: bool = False
) -> dict[str, Any]:
    """A bar from zero for each name, with its interval as a line across its end. `records` have `key` (a name),
    `value`, `low`, `high`, in the order to be shown. `short` names stand beside their bars in both drawings."""
    named = _Names.of(records, short=short, wide=wide)
    x: Record = {"field": "value", "type": "quantitative", "title": label, "axis": _axis(unit), "scale": {"zero": True}}
    rated = unit == "points"
    if rated:  # from 1 to 5: a bar can't begin at zero
        x["scale"] = {"domain": list(RATING)}
    look = {"type": "bar", "color": PALE, "stroke": MIDDLE, "strokeWidth": 1, "height": 13, "yOffset": named.down}
    ends = {"x": x | {"field": "low"}, "x2": {"field": "high"}}
    whisker = {"type": "rule", "color": DARK, "strokeWidth": 2.5, "yOffset": named.down}
    dot = {"type": "point", "fill": DARK, "color": DARK, "size": 60, "opacity": 1, "yOffset": named.down}
    layers = [{"mark": dot if rated else look, "encoding": {"x": x}}, {"mark": whisker, "encoding": ends}]
    return _whole(named.records, {"step": named.step}, {"encoding": {"y": named.y}, "layer": layers}, wide=wide)


def tornado(records: Sequence[Record], unit: str, label: str, median: float, *, wide: bool = False) -> dict[str, Any]:
    """How far the result goes when one figure goes from its low to its high end: a line with a circle at the low end, a
    diamond at the high one, and a mark where all are in the middle (`median`), which lies within every line.
    `records` have `key`, `at_low`, `at_high`."""
    named = _Names.of([one | {"centre": median} for one in records], wide=wide)
    x: Record = {"type": "quantitative", "title": label, "axis": _axis(unit), "scale": {"zero": False, "padding": 8}}
    span = {"x": x | {"field": "at_low"}, "x2": {"field": "at_high"}}
    layers: list[Record] = [
        {"mark": {"type": "rule", "color": PALE, "strokeWidth": 7, "yOffset": named.down}, "encoding": span},
        {
            "mark": {"type": "tick", "color": INK, "thickness": 2, "size": 12, "yOffset": named.down},
            "encoding": {"x": x | {"field": "centre"}},
        },
    ]
    for field, shape, fill in (("at_low", "circle", "white"), ("at_high", "diamond", DARK)):
        mark = {
            "type": "point",
            "shape": shape,
            "fill": fill,
            "color": DARK,
            "opacity": 1,
            "size": 60,
            "yOffset": named.down,
        }
        layers.append({"mark": mark, "encoding": {"x": x | {"field": field}}})
    for layer in layers:
        layer["encoding"]["y"] = named.y
    return _whole(named.records, {"step": named.step}, {"layer": layers}, wide=wide)


@dataclass(frozen=True, slots=True)
class _Names:
    """The rows of a plot with their names cut into lines, none with an ellipsis: the room that each row needs, how far
    below its middle what is drawn stands, and the axis that writes the names."""

    records: list[Record]
    step: int
    down: int
    y: Record

    @classmethod
    def of(cls, records: Sequence[Record], *, short: bool = False, wide: bool = False) -> "_Names":
        axis: Record = {"ticks": False, "domain": False, "grid": False}
        y: Record = {"field": "key", "type": "nominal", "sort": None, "title": None}
        if short:
            axis |= {"labelLimit": 118, "minExtent": 118, "labelPadding": 4}
            return cls(list(records), STEP, 0, y | {"axis": axis})
        longest = LONGEST_BESIDE if wide else LONGEST_NAME
        names = ["\n".join(wrap(name, longest)) for name in _short(records)]
        named = [one | {"key": name} for one, name in zip(records, names, strict=True)]
        more = LINE * max((one["key"].count("\n") for one in named), default=0)
        axis |= {"labelLimit": 0, "labelExpr": "split(datum.label, '\\n')", "labelLineHeight": LINE}
        if wide:
            # The engine doesn't measure names in lines: what room they need is said.
            letters = max((len(line) for one in named for line in one["key"].split("\n")), default=0)
            return cls(named, STEP + more, 0, y | {"axis": axis | {"labelPadding": 6, "minExtent": letters * LETTER}})
        axis |= {"labelAlign": "left", "labelPadding": -3, "labelOffset": -11 - more / 2, "zindex": 1}
        return cls(named, TALL_STEP + more, BELOW, y | {"axis": axis})


def _short(records: Sequence[Record]) -> list[str]:
    """The first sentence of each name, as far as that tells them apart; the table beside the plot has them whole."""
    whole = [str(one["key"]) for one in records]
    first = [name.partition(". ")[0] for name in whole]
    return first if len({*first}) == len({*whole}) else whole


def _axis(unit: str) -> Record:
    return {
        "format": UNITS[unit].axis,
        "tickCount": 4,
        "labelOverlap": "greedy",
        "labelSeparation": 12,
        "gridColor": "#d9e3e0",
    }


def _locale() -> Record:
    """How the reader's language writes numbers and dates, for the engine to do the same."""
    known = Locale.parse(LOCALES[language()])
    months, days = known.months["stand-alone"], known.days["stand-alone"]
    from_sunday = (6, 0, 1, 2, 3, 4, 5)
    return {
        "number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""]},
        "time": {
            "dateTime": "%x, %X",
            "date": "%d/%m/%Y",
            "time": "%H:%M:%S",
            "periods": ["a.m.", "p.m."],
            "days": [days["wide"][day] for day in from_sunday],
            "shortDays": [days["abbreviated"][day] for day in from_sunday],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        },
    }


def _whole(records: Sequence[Record], height: Any, rest: Record, *, wide: bool) -> dict[str, Any]:
    """The parts that every plot has. The picture has one name and a table beside it, its parts none of their own."""
    return {
        "$schema": SCHEMA,
        "width": WIDE if wide else WIDTH,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 8, "right": 10, "top": 4, "bottom": 2},
        "background": "transparent",
        "data": {"values": list(records)},
        **rest,
        "config": {
            "aria": False,
            "font": FONT,
            "locale": _locale(),
            "view": {"stroke": None},
            "mark": {"invalid": "break-paths-show-domains"},
            "axis": {
                "labelFontSize": 11,
                "titleFontSize": 11,
                "labelColor": INK,
                "titleColor": INK,
                "titleFontWeight": "normal",
                "domainColor": INK,
                "tickColor": INK,
            },
        },
    }
