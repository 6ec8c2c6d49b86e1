"""What a reader of the dashboard chose, read from the address, so that a view can be bookmarked and shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from app.kernel import clock
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _
from app.kernel.parsing import iso_date, plain_identifier
from app.kernel.problems import FieldError, NotFound
from app.places.queries import unit_by_clues
from app.places.rules import DEFAULT_ZONE
from app.savings.rules.groups import month_after
from app.savings.rules.metric_query import MetricQuery
from app.savings.transactions import kinds_of_services
from app.web.data import labels, parameter_labels

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

NAMES = ("desde", "hasta", "cada", "servicio", "region", "estado", "unidad", "canal", "segmento")
NOTHING = dict.fromkeys(NAMES, "") | {"cada": "month"}
MONTHS_BACK = 60
YEAR = 12
TOO_LONG = 40
Text = Annotated[str, Query(max_length=60)]


def months(last: date, count: int) -> list[date]:
    """Return `count` months up to the one of `last`, newest first."""
    made = [last.replace(day=1)]
    while len(made) < count:
        made.append((made[-1] - timedelta(days=1)).replace(day=1))
    return made


def last_year(today: date) -> tuple[date, date]:
    """The last twelve whole months."""
    until = today.replace(day=1) - timedelta(days=1)
    return months(until, YEAR)[-1], until


def year_before(since: date) -> tuple[date, date]:
    """As many months just before: for twelve, the same months of the year before."""
    until = since - timedelta(days=1)
    return months(until, YEAR)[-1], until


@dataclass(frozen=True, slots=True)
class Filters:
    """The choice as `typed`, with what is wrong with it; where something is, nothing counts as `chosen`."""

    since: date
    until: date
    typed: Mapping[str, str]
    errors: tuple[FieldError, ...] = ()
    unit: Unit | None = None

    @property
    def chosen(self) -> Mapping[str, str]:
        return NOTHING if self.errors else self.typed

    @property
    def every(self) -> str:
        return self.chosen["cada"]

    def query(self, *group_by: str) -> MetricQuery:
        """What is asked, by these groups."""
        segment, _sep, value = self.chosen["segmento"].partition(":")
        return MetricQuery(
            since=self.since,
            until=self.until,
            services=self._one("servicio"),
            states=self._one("estado"),
            regions=self._one("region"),
            unit=self.unit.id if self.unit is not None and not self.errors else None,
            channels=self._one("canal"),
            segment=segment,
            segment_values=(value,) if value else (),
            group_by=group_by,
        )

    def _one(self, name: str) -> tuple[str, ...]:
        return (self.chosen[name],) if self.chosen[name] else ()

    def in_words(self) -> str:
        """What was chosen, for a heading and the page's title; empty when nothing was."""
        chosen = self.chosen
        parts = [labels.service(chosen["servicio"])] if chosen["servicio"] else []
        parts += [_(parameter_labels.REGIONS[chosen["region"]])] if chosen["region"] else []
        parts += [labels.STATES[chosen["estado"]]] if chosen["estado"] else []
        parts += [self.unit.name] if self.unit is not None and not self.errors else []
        parts += [_(labels.CHANNELS[chosen["canal"]])] if chosen["canal"] else []
        if chosen["segmento"]:
            parts.append(labels.segment(*chosen["segmento"].split(":", 1)))
        return ", ".join(parts)

    def address(self) -> str:
        """The choice as the end of an address; empty when nothing was chosen."""
        chosen = {name: value for name, value in self.chosen.items() if value and (name, value) != ("cada", "month")}
        return f"?{urlencode(chosen)}" if chosen else ""


def known_services() -> dict[str, str]:
    """Every service by the name people know, in order of the names."""
    named = {code: labels.service(code) for code in kinds_of_services()}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def segments() -> dict[str, str]:
    """Every group of people that can be looked at alone."""
    return {
        f"{segment}:{value}": labels.segment(segment, value)
        for segment, (_, values) in labels.SEGMENTS.items()
        for value in values
    }


async def _filters(
    tx: Tx,
    desde: Text = "",
    hasta: Text = "",
    cada: Text = "",
    servicio: Text = "",
    region: Text = "",
    estado: Text = "",
    unidad: Text = "",
    canal: Text = "",
    segmento: Text = "",
) -> Filters:
    today = clock.today(DEFAULT_ZONE)
    since, until = last_year(today)
    typed = {"desde": desde, "hasta": hasta, "cada": cada or "month", "servicio": servicio}
    typed |= {"region": region, "estado": estado, "unidad": unidad.strip(), "canal": canal, "segmento": segmento}
    wrong = [
        FieldError(name, UNKNOWN) for name, known in _choices().items() if typed[name] and typed[name] not in known
    ]
    first, last = _month(desde, since), _month(hasta, until)
    wrong += [FieldError(name, NO_MONTH) for name, read in (("desde", first), ("hasta", last)) if read is None]
    if first and last:
        since, until = first, month_after(last) - timedelta(days=1)
        if until < since:
            wrong.append(FieldError("hasta", BACKWARDS))
        elif (until.year - since.year) * YEAR + until.month - since.month >= TOO_LONG and cada == "week":
            wrong.append(FieldError("cada", TOO_MANY_WEEKS))
    unit = await _unit(tx, unidad) if unidad.strip() else None
    if unidad.strip() and unit is None:
        wrong.append(FieldError("unidad", NO_UNIT))
    if cada == "week" and segmento:
        wrong.append(FieldError("cada", WEEKS_OF_ALL))
    since, until = last_year(today) if wrong else (since, until)
    return Filters(since, until, typed, tuple(wrong), unit)


async def _unit(tx: AsyncSession, clues: str) -> Unit | None:
    try:
        return await unit_by_clues(tx, plain_identifier(clues))
    except NotFound:
        return None


UNKNOWN = N_("Elija una opción de la lista.")
NO_UNIT = N_("No hay una unidad con esa CLUES. Son 11 letras y números, como DFIMS000123.")
NO_MONTH = N_("Escriba el mes como 2026-05.")
BACKWARDS = N_("El último mes es anterior al primero.")
TOO_MANY_WEEKS = N_("Por semana, elija tres años como máximo.")
WEEKS_OF_ALL = N_("Por semana no se guardan los grupos de personas: elija mes, o todas las personas.")
Chosen = Annotated[Filters, Depends(_filters)]


def _choices() -> dict[str, Mapping[str, str]]:
    return {
        "cada": labels.EVERY,
        "servicio": kinds_of_services(),
        "region": parameter_labels.REGIONS,
        "estado": labels.STATES,
        "canal": labels.CHANNELS,
        "segmento": segments(),
    }


def _month(text: str, otherwise: date) -> date | None:
    if not text:
        return otherwise
    try:
        return iso_date(f"{text}-01")
    except ValueError:
        return None
