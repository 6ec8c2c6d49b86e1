"""What a search covers, and what a form says beyond its fields. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError, Invalid

LONGEST = timedelta(days=90)
MOST_REQUESTS = 1000
"""The answer's limits: 90 days or 1000 requests, whichever is less (GeoReport v2, Response Volume)."""
MOST_IDS = 50
STATUSES = ("open", "closed")
_ATTRIBUTE = re.compile(r"attribute\[(?P<code>[A-Za-z0-9_-]{1,60})\](\[\])?")
AN_INSTANT = N_("Escriba fecha y hora con su zona, como 2026-11-30T09:00:00Z.")
TOO_LONG = N_("Pida un periodo de 90 días o menos, con el inicio antes del fin.")
A_STATUS = N_("Elija una de estas opciones: open, closed.")
A_NUMBER = N_("Escriba un número entero mayor que cero; page_size, hasta 1000.")
TOO_MANY = N_("Pida 50 o menos a la vez.")


@dataclass(frozen=True, slots=True)
class Search:
    """Which requests are asked for. `ids` override the rest."""

    ids: tuple[str, ...]
    codes: frozenset[str]
    statuses: frozenset[str]
    since: datetime
    until: datetime
    page: int
    page_size: int

    def has(self, code: str, status: str, requested_at: datetime) -> bool:
        """Whether a request is among them."""
        wanted = (not self.codes or code in self.codes) and (not self.statuses or status in self.statuses)
        return wanted and self.since <= requested_at <= self.until

    def page_span(self) -> slice:
        """Where the page is among all of them."""
        return slice((self.page - 1) * self.page_size, self.page * self.page_size)


def parse_search(given: Mapping[str, str], now: datetime) -> Search:
    """The search of a query; an empty parameter is the same as none.

    Raises:
        Invalid: a parameter can't be read.
    """
    wrong: list[FieldError] = []
    ids = _listed(given.get("service_request_id", ""))
    statuses = _listed(given.get("status", ""))
    if len(ids) > MOST_IDS:
        wrong.append(FieldError("service_request_id", TOO_MANY, "too_long"))
    if not set(statuses) <= set(STATUSES):
        wrong.append(FieldError("status", A_STATUS, "literal_error"))
    since, until = (_instant(given, name, wrong) for name in ("start_date", "end_date"))
    if not wrong:
        since, until = window(since, until, now)
        if not timedelta(0) <= until - since <= LONGEST:
            wrong.append(FieldError("start_date", TOO_LONG, "period_too_long"))
    page, size = (_number(given, *one, wrong) for one in (("page", 1, 10_000), ("page_size", MOST_REQUESTS, 1000)))
    if wrong or since is None or until is None:
        raise Invalid(fields=wrong)
    codes = frozenset(_listed(given.get("service_code", "")))
    return Search(ids, codes, frozenset(statuses), since, until, page, size)


def window(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when: the latest 90 days, or the 90 days from the one end that is given."""
    if since is None:
        until = until or now
        return until - LONGEST, until
    return since, until if until is not None else since + LONGEST


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def _instant(given: Mapping[str, str], name: str, wrong: list[FieldError]) -> datetime | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return iso_instant(text)
    except ValueError:
        wrong.append(FieldError(name, AN_INSTANT, "datetime_parsing"))
        return None


def _number(given: Mapping[str, str], name: str, default: int, most: int, wrong: list[FieldError]) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,6}", text) or not 1 <= int(text) <= most:
        wrong.append(FieldError(name, A_NUMBER, "int_parsing"))
        return default
    return int(text)


def attributes_of(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The attributes of a form (`attribute[code]=value`) that say something, by code."""
    found = ((_ATTRIBUTE.fullmatch(name), value) for name, value in items)
    return {match["code"]: value for match, value in found if match and value.strip()}


def degrees(lat: str, long: str) -> tuple[float, float] | None:
    """A place on the map as it is sent; None where it is none."""
    number = r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?"
    if not re.fullmatch(number, lat) or not re.fullmatch(number, long):
        return None
    north, east = float(lat), float(long)
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None
