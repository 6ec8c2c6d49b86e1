"""The bases of what crosses HTTP: bodies are strict, responses are read from rows; and what is wrong with a field, in
plain Spanish (and its translations), from Pydantic's error types."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
)

from app.kernel.i18n import N_, gettext
from app.kernel.parsing import one_line, strip_bidi_controls_deep

FIRST_YEAR, LAST_YEAR = 1850, 2199
"""Of any date that is taken: before the oldest birth on record, and after every term there is. Further away it is a
mistyped year, and the next sum would leave the calendar."""
A_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
YEAR_IS_WRONG = N_("Revise el año de la fecha.")
HAS_NUL = N_("Tiene un carácter nulo, que no se puede guardar; escríbalo otra vez.")

Moment = TypeVar("Moment", bound=date)


def require_plausible_year(value: Moment) -> Moment:
    """Return a date or a moment of a year that people live in.

    Raises:
        ValueError: it is of another, with the sentence for the field.
    """
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(YEAR_IS_WRONG)
    return value


OneLine = Annotated[str, AfterValidator(one_line)]
"""A text that others are shown in one line, limits of its length beside it; `tests/house` holds every schema to it."""


class Incoming(BaseModel):
    """A body: one with an unknown field is refused, and so is a text with a NUL. Its texts are taken without
    bidirectional controls, and its dates are written out, of years that people live in.
    """

    model_config = ConfigDict(extra="forbid")
    refuses_nul: ClassVar[bool] = True
    """False where one bad text of many must not refuse the others: the body's reader deals with it."""

    @field_validator("*", mode="before")
    @classmethod
    def _without_bidi_controls(cls, value: Any) -> Any:
        if cls.refuses_nul and any(
            isinstance(one, str) and "\0" in one for one in (value if isinstance(value, list) else (value,))
        ):
            raise ValueError(HAS_NUL)  # also where it would be left out as something that can't be seen
        return strip_bidi_controls_deep(value)

    @field_validator("*", mode="wrap")
    @classmethod
    def _dates_are_written_out(cls, value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        found = read(value)
        if isinstance(found, date):
            # A number would be taken for seconds since 1970.
            if isinstance(value, int | float) or (isinstance(value, str) and A_NUMBER.fullmatch(value.strip())):
                raise ValueError(MESSAGES["datetime_type" if isinstance(found, datetime) else "date_type"])
            require_plausible_year(found)
        return found


class FromRow(BaseModel):
    """A response that is made from the attributes of a row or a dataclass."""

    model_config = ConfigDict(from_attributes=True)


MESSAGES = {
    "missing": N_("Falta este dato."),
    "extra_forbidden": N_("Este dato no se esperaba aquí."),
    "string_type": N_("Debe ser un texto."),
    "string_too_short": N_("Escriba al menos %(min_length)s caracteres."),
    "string_too_long": N_("Escriba como mucho %(max_length)s caracteres."),
    "string_pattern_mismatch": N_("El formato no es el esperado."),
    "int_type": N_("Debe ser un número entero."),
    "int_parsing": N_("Debe ser un número entero."),
    "int_from_float": N_("Debe ser un número entero."),
    "float_parsing": N_("Debe ser un número."),
    "decimal_parsing": N_("Debe ser un número."),
    "bool_parsing": N_("Debe ser verdadero o falso."),
    "bool_type": N_("Debe ser verdadero o falso."),
    "uuid_parsing": N_("No es un identificador válido."),
    "uuid_type": N_("No es un identificador válido."),
    "date_parsing": N_("Escriba la fecha como AAAA-MM-DD."),
    "date_from_datetime_parsing": N_("Escriba la fecha como AAAA-MM-DD."),
    "date_type": N_("Escriba la fecha como AAAA-MM-DD."),
    "datetime_parsing": N_("Escriba la fecha y hora como 2026-11-24T08:20:00-06:00."),
    "datetime_from_date_parsing": N_("Escriba la fecha y hora como 2026-11-24T08:20:00-06:00."),
    "datetime_type": N_("Escriba la fecha y hora como 2026-11-24T08:20:00-06:00."),
    "timezone_aware": N_("La hora necesita su zona, como en -06:00."),
    "time_parsing": N_("Escriba la hora como HH:MM."),
    "enum": N_("Elija una de estas opciones: %(expected)s."),
    "literal_error": N_("Elija una de estas opciones: %(expected)s."),
    "greater_than": N_("Debe ser mayor que %(gt)s."),
    "greater_than_equal": N_("Debe ser %(ge)s o más."),
    "less_than": N_("Debe ser menor que %(lt)s."),
    "less_than_equal": N_("Debe ser %(le)s o menos."),
    "too_short": N_("Faltan elementos: al menos %(min_length)s."),
    "too_long": N_("Sobran elementos: como mucho %(max_length)s."),
    "list_type": N_("Debe ser una lista."),
    "dict_type": N_("Debe ser un objeto JSON."),
    "model_attributes_type": N_("Debe ser un objeto JSON."),
}
HAS_ZONE = N_("La hora va sin zona: es la de la unidad.")
OTHERWISE = N_("El valor no es válido.")


def message_of(error: dict[str, Any]) -> str:
    """The sentence for one Pydantic error, in the current language."""
    context = error.get("ctx", {})
    own = context.get("error")
    if isinstance(own, ValueError) and str(own):
        return gettext(str(own))
    text = gettext(MESSAGES.get(error["type"], OTHERWISE))
    if "expected" in context:  # of choices, listed in English
        context = context | {"expected": str(context["expected"]).replace(" or ", ", ")}
    try:
        return text % context if "%(" in text else text
    except KeyError:
        return gettext(OTHERWISE)


def _without_zone(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError(HAS_ZONE)
    return clock


_HOURS, _REST = "([01][0-9]|2[0-3])", ":[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"

ClockTime = Annotated[
    time,
    AfterValidator(_without_zone),
    WithJsonSchema({"type": "string", "pattern": f"^{_HOURS}{_REST}$", "examples": ["08:00:00"]}),
]
"""An hour of a unit's clock. PostgreSQL's `time` would drop a zone in silence, and Python compares no hour that has one
with an hour that has none; `tests/house` holds every schema to it. Its schema is a pattern: `time` of JSON Schema has
a zone."""


def _midnight(sent: object) -> object:
    return "00:00" if sent in ("24:00", "24:00:00") else sent


ClockEnd = Annotated[
    time,
    BeforeValidator(_midnight),
    AfterValidator(_without_zone),
    WithJsonSchema({"type": "string", "pattern": f"^({_HOURS}{_REST}|24:00(:00)?)$", "examples": ["14:00:00"]}),
]
"""An hour at which something ends: midnight is `24:00` or `00:00`, and returned as the latter."""
