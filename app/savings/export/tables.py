"""The tables of the export: the views of schema `analytics`, each column with its type, unit and meaning. Those of sums
are the measures (`app.savings.measures`).

The views' comments, `docs/data.md` and `datapackage.json` are made from these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.savings.measures import MEASURES, TICKET_MEASURES, Measure

Type = Literal["string", "integer", "number", "date", "datetime"]

SUMS_FROM = "The portal's event log, rolled up"
DESKS_FROM = "The desks' tickets, rolled up"
PARAMETERS_FROM = "The published version of the parameters; each row names its own source"
MIN_PEOPLE = "Rows of fewer than ten people are left out."


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `unit` is empty for names and dates."""

    name: str
    type: Type
    means: str
    unit: str = ""
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A view, or what is made of one. `period` is its column of dates, none for tables without. What isn't exported is
    for the agency's own data team alone."""

    name: str
    title: str
    means: str
    source: str
    fields: tuple[Field, ...]
    period: str = ""
    is_exported: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the key columns."""
        return tuple(field.name for field in self.fields if field.is_key)


def _keys(*fields: Field) -> tuple[Field, ...]:
    return tuple(Field(f.name, f.type, f.means, f.unit, is_key=True) for f in fields)


def _sums(measures: Mapping[str, Measure]) -> tuple[Field, ...]:
    return tuple(Field(name, "integer", measure.means, measure.unit) for name, measure in measures.items())


TRANSACTION_SUMS = _sums(MEASURES)
TICKET_SUMS = _sums(TICKET_MEASURES)

MONTH = Field("month", "date", "first day of the month")
STATE = Field("state", "string", "key of the state as in CLUES, two letters; empty where it isn't known")
SERVICE = Field("service", "string", "key of the service")
UNIT_ID = Field("unit_id", "string", "id of the unit")
CLUES = Field("clues", "string", "key of the unit in the health ministry's catalogue")
CHANNEL = Field(
    "channel",
    "string",
    "how it was begun: web, api, desk or phone; of staff when they did any step; empty when only a desk reported it",
)


_TABLES = (
    Table(
        "cells",
        "Transactions by month",
        "Sums of transactions by month, state, service and channel. A transaction is in the month in which it ended,"
        " or began if"
        " it is still open.",
        SUMS_FROM,
        (*_keys(MONTH, STATE, SERVICE, CHANNEL), *TRANSACTION_SUMS),
        period="month",
    ),
    Table(
        "daily",
        "Transactions by day",
        "Sums of transactions by day, state, service and channel. The days of a month add up to `cells`, but for"
        " `people`.",
        SUMS_FROM,
        (
            *_keys(Field("day", "date", "day by the clock of the unit"), STATE, SERVICE, CHANNEL),
            *TRANSACTION_SUMS,
        ),
        period="day",
    ),
    Table(
        "segments",
        "Transactions by month and one further quality",
        "Sums as in `cells`, parted by one quality of the people. The values of a quality add up to `cells`.",
        SUMS_FROM,
        (
            *_keys(
                MONTH,
                STATE,
                SERVICE,
                CHANNEL,
                Field("segment", "string", "the quality: device, age, sex, rurality or language"),
                Field("segment_value", "string", "its value; unknown where it wasn't known"),
            ),
            *TRANSACTION_SUMS,
        ),
        period="month",
    ),
    Table(
        "tickets",
        "Visits in person by month",
        "Sums of desk tickets by month of arrival, state and service: waits and attention as measured in person.",
        DESKS_FROM,
        (*_keys(MONTH, STATE, SERVICE), *TICKET_SUMS),
        period="month",
    ),
    Table(
        "reasons",
        "Reasons for refusals",
        "How often each reason was given for a refusal, or the answer that a complaint is not ours. One may have more.",
        SUMS_FROM,
        (
            *_keys(
                MONTH, STATE, SERVICE, Field("reason", "string", "key of the reason, as the service's rules name it")
            ),
            Field("times", "integer", "decisions that gave it", "transactions"),
        ),
        period="month",
    ),
    Table(
        "access",
        "Third next available appointment",
        "How far off the third free time was, read once a day: the first may be a chance cancellation.",
        "The units' availability, read once a day",
        (
            *_keys(
                Field("day", "date", "day of the reading"),
                CLUES,
                Field("service", "string", "key of the service"),
            ),
            STATE,
            Field("days", "integer", "days to the third free time; empty when there was no third in the book", "days"),
        ),
        period="day",
    ),
    Table(
        "parameters",
        "Parameters of published versions",
        "What the measurement assumes, each as a distribution with its source. The narrowest row counts: by service, "
        "then by kind of transaction, then by place.",
        PARAMETERS_FROM,
        (
            *_keys(
                Field("version", "integer", "version of the parameters"),
                Field("key", "string", "the parameter"),
                Field("scope", "string", "service, kind of transaction, or a year for inpc; empty for all"),
                Field("place", "string", "unit, state or region; empty for the country"),
            ),
            Field("distribution", "string", "pert, beta, normal or fixed"),
            Field("low", "number", "pert: the least; otherwise empty", "as `unit`"),
            Field(
                "value", "number", "pert: the likeliest; beta: successes; normal: mean; fixed: the value", "as `unit`"
            ),
            Field(
                "high", "number", "pert: the most; beta: failures; normal: standard error; fixed: empty", "as `unit`"
            ),
            Field("unit", "string", "what the parameter is counted in"),
            Field("price_year", "integer", "year whose pesos it is in; empty unless it is money"),
            Field("source", "string", "where it comes from"),
            Field("confidence", "string", "measured, official, study, press or assumption"),
            Field("sample", "integer", "observations a measured parameter rests on", "observations"),
        ),
    ),
    Table(
        "regions",
        "Regions of the country",
        "The region each state belongs to, as parameters may differ by region.",
        "The eight regions the country's statistics are often given for",
        (
            *_keys(STATE),
            Field("region", "string", "name of the region"),
        ),
    ),
    Table(
        "versions",
        "Published versions of the parameters",
        "When each version came into force. A published version never changes.",
        PARAMETERS_FROM,
        (
            *_keys(Field("version", "integer", "version of the parameters")),
            Field("note", "string", "why it was made"),
            Field("published_at", "datetime", "since when it is in force"),
        ),
        is_exported=False,
    ),
    Table(
        "services",
        "Services offered",
        "Every version of every service's file. Appointments have none: they are no services of the catalogue.",
        "The files of the catalogue",
        (
            *_keys(SERVICE, Field("version", "integer", "version of the service's file")),
            Field("name_es", "string", "its name in Spanish"),
            Field("name_en", "string", "its name in English"),
            Field("kind", "string", "kind of transaction: the scope whose parameters count for it"),
            Field("published_at", "datetime", "since when it was offered"),
        ),
        is_exported=False,
    ),
    Table(
        "units",
        "Transactions by month and unit",
        f"Sums of transactions by month, unit, service and channel. {MIN_PEOPLE}",
        SUMS_FROM,
        (*_keys(MONTH, UNIT_ID, SERVICE, CHANNEL), CLUES, STATE, *TRANSACTION_SUMS),
        period="month",
        is_exported=False,
    ),
    Table(
        "waits",
        "Visits in person by unit, weekday and hour",
        f"Sums of desk tickets by month, unit, service, weekday and hour of arrival on the unit's clock. {MIN_PEOPLE}",
        DESKS_FROM,
        (
            *_keys(MONTH, UNIT_ID, SERVICE),
            *_keys(Field("weekday", "integer", "1 Monday to 7 Sunday"), Field("hour", "integer", "0 to 23")),
            CLUES,
            STATE,
            *TICKET_SUMS,
        ),
        period="month",
        is_exported=False,
    ),
)
_RELEASED = Table(
    "released",
    "What is released to the public",
    "Sums of the blocks that public answers are computed from. Each count is zero or of at least ten people."
    " Blocks of one family and dimension add up; of two dimensions they are the same observations.",
    SUMS_FROM,
    (
        Field("month", "date", "first day of the month", is_key=True),
        Field(
            "family",
            "string",
            "numbers that are read from the same observations, by the name of their first metric",
            is_key=True,
        ),
        Field(
            "dimension",
            "string",
            "what services are parted by: place, unit, channel, device, age, sex, rurality or language",
            is_key=True,
        ),
        Field("kind", "string", "kind of transaction; * for all that is not released apart", is_key=True),
        Field("service", "string", "key of the service; * for all of the kind that is not released apart", is_key=True),
        Field(
            "region",
            "string",
            "region of the country; * for all that is not released apart, empty in other dimensions",
            is_key=True,
        ),
        Field(
            "state",
            "string",
            "key of the state as in CLUES, two letters; * for all of the region that is not released apart",
            is_key=True,
        ),
        Field(
            "clues",
            "string",
            "key of the unit in the health ministry's catalogue; * for all of the state that is not released apart",
            is_key=True,
        ),
        Field(
            "dimension_value",
            "string",
            "channel or value of the quality; * for all that is not released apart",
            is_key=True,
        ),
        Field(
            "measure",
            "string",
            "what is summed: a name of the other tables' sums, or online, phone and in_person of the mix",
            is_key=True,
        ),
        Field("amount", "integer", "the sum; means are of a rounded number of observations", "as the measure"),
    ),
    period="month",
)
_RELEASED_SERVICES = Table(
    "released_services",
    "What is released of each service in the country",
    "Sums of the blocks of `released` over all places, also where no finer place is released."
    " Nothing is in it that is not in `released`.",
    SUMS_FROM,
    (
        *(field for field in _RELEASED.fields if field.name in {"month", "family", "kind", "service", "measure"}),
        *(field for field in _RELEASED.fields if field.name == "amount"),
    ),
    period="month",
)
VIEWS: dict[str, Table] = {table.name: table for table in (*_TABLES, _RELEASED, _RELEASED_SERVICES)}
KINDS = Table(
    "kinds",
    "Kind of transaction of each service",
    "Which parameters count for a service where it has none of its own: those whose scope is its kind.",
    "The files of the catalogue; appointments and changes of them are kinds of their own",
    (*_keys(SERVICE), Field("kind", "string", "kind of transaction, a scope of `parameters`")),
)
EXPORTED: dict[str, Table] = {
    table.name: table for table in (*_TABLES, _RELEASED, _RELEASED_SERVICES, KINDS) if table.is_exported
}
"""What an export holds: views, and what no view has because it is in files."""
PUBLIC = ("released", "released_services", "access", "parameters", "regions", "kinds")
"""Those of the public release."""
PUBLIC_TABLES: dict[str, Table] = {name: EXPORTED[name] for name in PUBLIC}
