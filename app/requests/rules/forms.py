"""Answers against a service's form: normalized and validated, each error with its field and in words that say what to
type. Pure.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from app.catalog.definition import FieldView, Service
from app.catalog.rules.conditions import holds
from app.kernel.i18n import N_, _, ngettext
from app.kernel.parsing import is_digits, iso_date, without_unseen
from app.kernel.problems import FieldError
from app.registry.identifiers import (
    NO_POSTAL_CODE_REASON,
    NSS_LENGTH,
    parse_curp,
    parse_nss,
    parse_postal_code,
)

UNEXPECTED = N_("Este dato no se esperaba aquí.")

WRONG_CLABE = N_("Hay un error de escritura en la CLABE: revise sus 18 números uno por uno.")
CLABE_WEIGHTS = (3, 7, 1)
CLABE_LENGTH = 18
NUL = "\x00"
IDENTIFIERS = ("curp", "nss", "nss-or-curp", "clabe")
"""The widgets whose answers are stored without spaces and dashes, in capitals."""
LARGEST = 10**15
"""No figure of any form is greater; beyond it, arithmetic in binary is no longer exact."""


def normalize(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Normalize the answers as they are stored: no white space around, empty ones left out, identifiers in their one
    shape."""
    shaped = {name: _shaped(service, name, value) for name, value in answers.items()}
    return {name: value for name, value in shaped.items() if value not in (None, "")}


def _shaped(service: Service, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    widget = service.form.fields[name].widget if name in service.form.fields else "text"
    return re.sub(r"[\s.\-]", "", value).upper() if widget in IDENTIFIERS else value.strip()


def validation_errors(service: Service, answers: Mapping[str, Any], *, whole: bool) -> list[FieldError]:
    """Validate normalized answers. A draft isn't `whole`: missing answers may follow."""
    found = {name: (OTHERWISE, WRONG) for name, value in answers.items() if _is_no_figure(value)}
    for name, value in answers.items():
        reason = _own_check(service, name, value)
        if reason is not None:
            found.setdefault(name, (reason, WRONG))
    sensible = {name: value for name, value in answers.items() if not _is_no_figure(value)}
    for error in sorted(_validator(service).iter_errors(sensible), key=_order):
        for name in _fields(error):
            if whole or error.validator not in INCOMPLETE:
                reason = reason_of(error, service.form.fields.get(name), answers.get(name))
                found.setdefault(name, (reason, "missing" if error.validator in INCOMPLETE else WRONG))
    order = list(service.form.fields)
    known = sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    return [FieldError(name, *found[name]) for name in known]


WRONG = "wrong_answer"
INCOMPLETE = ("required", "anyOf")
"""What the schema says of answers that may still come."""


def applicable(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to questions that these answers ask. One whose condition no longer holds says nothing, so it neither
    calls for documents nor is submitted; a draft stores it in case the answer before it changes back."""
    remaining, fields = dict(answers), service.form.fields
    while unasked := [name for name in remaining if name in fields and not holds(fields[name].show_when, remaining)]:
        for name in unasked:
            del remaining[name]
    return remaining


def required_names(service: Service, names: Iterable[str], answers: Mapping[str, Any]) -> frozenset[str]:
    """Those of these fields that can't stay empty given the other answers, by `required` or by `if` and `then`."""
    return frozenset(name for name in names if _is_missed(service, name, answers))


def _is_missed(service: Service, name: str, answers: Mapping[str, Any]) -> bool:
    others = {other: value for other, value in answers.items() if other != name}
    errors = _validator(service).iter_errors(others)
    return any(error.validator == "required" and name in _fields(error) for error in errors)


def alternatives(service: Service) -> frozenset[str]:
    """The fields of which at least one is needed, whichever (`anyOf`)."""
    options = service.form.json_schema.get("anyOf", [])
    return frozenset(str(name) for option in options for name in option.get("required", []))


def _is_no_figure(value: Any) -> bool:
    """Numbers JSON can bring that no one means: NaN, infinities, hundreds of digits."""
    if isinstance(value, float) and not math.isfinite(value):
        return True
    return isinstance(value, int | float) and abs(value) > LARGEST


def _exact_multiple(_validator: Any, step: Any, given: Any, _schema: Any) -> Iterator[ValidationError]:
    """In decimals, as people write them: in binary 1.11 isn't a multiple of 0.01."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return
    if (Fraction(str(given)) / Fraction(str(step))).denominator != 1:
        yield ValidationError(f"{given!r} is not a multiple of {step}")


def _seen_length(_validator: Any, least: Any, given: Any, _schema: Any) -> Iterator[ValidationError]:
    """In what can be read: spaces, zero widths and marks of direction tell no one anything."""
    if isinstance(given, str) and len(without_unseen(given)) < least:
        yield ValidationError(f"{given!r} is too short")


_Validator: Any = extend(  # type: ignore[no-untyped-call] # the library says no types here
    Draft202012Validator, {"multipleOf": _exact_multiple, "minLength": _seen_length}
)
_MADE: dict[tuple[str, int], Any] = {}

# The library's own dates are those of `date.fromisoformat`: it takes "20261124", and years that can't be meant.
FORMATS = FormatChecker()


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(iso_date(value))


def _validator(service: Service) -> Any:
    """Made once a version: a published version never changes."""
    key = (service.id, service.version)
    if key not in _MADE:
        _MADE[key] = _Validator(service.form.json_schema, format_checker=FORMATS)
    return _MADE[key]


def _order(error: ValidationError) -> str:
    return str(list(error.absolute_path))


def _fields(error: ValidationError) -> list[str]:
    """The fields an error is about."""
    if error.absolute_path:
        return [str(error.absolute_path[0])]
    if error.validator == "required":
        return re.findall(r"^'([^']+)'", error.message)[:1]
    if error.validator == "additionalProperties":
        return re.findall(r"'([^']+)'", error.message) or ["body"]
    if error.validator == "anyOf":
        options: list[dict[str, Any]] = list(error.validator_value)  # type: ignore[arg-type] # set once it failed
        return [str(option["required"][0]) for option in options if "required" in option][:1]
    return ["body"]


def _own_check(service: Service, name: str, value: Any) -> str | None:
    if isinstance(value, str) and NUL in value:
        return OTHERWISE
    view = service.form.fields.get(name)
    widget = view.widget if view else "text"
    if widget in ("curp", "nss-or-curp"):
        is_nss = widget == "nss-or-curp" and (is_digits(str(value)) or len(str(value)) == NSS_LENGTH)
        try:
            (parse_nss if is_nss else parse_curp)(str(value))
        except ValueError as error:
            return str(error)
    if view is not None and view.autocomplete == "postal-code":
        return _no_postal_code(str(value))
    if widget == "clabe" and not is_clabe(str(value)):
        return CLABE_DIGITS if len(str(value)) != CLABE_LENGTH or not is_digits(str(value)) else WRONG_CLABE
    return None


def _no_postal_code(text: str) -> str | None:
    """What its pattern can't say: five digits that are no postal code."""
    try:
        parse_postal_code(text)
    except ValueError as error:
        return NO_POSTAL_CODE_REASON if str(error) == NO_POSTAL_CODE_REASON else None
    return None


@lru_cache(maxsize=256)
def is_clabe(text: str) -> bool:
    """Whether 18 digits are a CLABE: weights 3, 7, 1 modulo 10 (Asociación de Bancos de México)."""
    if not re.fullmatch(r"[0-9]{18}", text):
        return False
    total = sum(int(digit) * CLABE_WEIGHTS[n % 3] % 10 for n, digit in enumerate(text[:17]))
    return int(text[17]) == (10 - total % 10) % 10


MISSING = N_("Falta este dato.")
ONE_OF_THESE = N_("Dé al menos uno de estos datos.")
NO_SUCH_DATE = N_("Esa fecha no existe; revise día, mes y año.")
CLABE_DIGITS = N_("La CLABE tiene 18 números.")
OTHERWISE = N_("El valor no es válido.")
MISSING_BY_WIDGET = {
    "radios": N_("Falta este dato: elija una opción."),
    "select": N_("Falta este dato: elija una opción."),
    "yes-no": N_("Falta este dato: conteste sí o no."),
    "date": N_("Falta este dato: escriba el día, el mes y el año."),
    "unit": N_("Falta este dato: elija una de la lista."),
    "any-unit": N_("Falta este dato: busque la unidad y elíjala."),
    "curp": N_("Falta este dato: son 18 letras y números."),
    "nss-or-curp": N_("Falta este dato: son 11 números, o 18 letras y números."),
    "nss": N_("Falta este dato: son 11 números."),
    "clabe": N_("Falta este dato: son 18 números."),
    "number": N_("Falta este dato: escriba el número."),
}
FORMAT_MESSAGES = {
    "date": NO_SUCH_DATE,
    "email": N_("Un correo lleva una arroba, como ana@ejemplo.mx."),
    "uuid": N_("Elija una de la lista."),
}
FIXED = {
    "anyOf": ONE_OF_THESE,
    "enum": N_("Elija una de las opciones."),
    "const": N_("Para continuar hace falta que conteste «Sí»."),
    "multipleOf": N_("Escriba como mucho dos decimales."),
    "additionalProperties": N_("Este dato no se esperaba aquí."),
}
TYPES = {"boolean": N_("Conteste sí o no."), "number": N_("Escriba sólo números.")}
DIGITS = re.compile(r"\^\[0-9\]\{([0-9]+)\}\$")
"""A pattern of a fixed count of digits."""


def reason_of(error: ValidationError, view: FieldView | None, value: Any) -> str:
    """What is wrong with a field by an error of its schema, in the current language where it has a figure."""
    rule, limit = str(error.validator), error.validator_value
    if rule == "required":
        return MISSING_BY_WIDGET.get(view.widget, MISSING) if view else MISSING
    if rule == "pattern":
        return _of_pattern(str(limit), view)
    if rule == "format":
        return FORMAT_MESSAGES.get(str(limit), OTHERWISE)
    if rule == "type":
        return TYPES.get(str(limit), OTHERWISE)
    return _of_limit(rule, limit, value) or FIXED.get(rule, OTHERWISE)


def _of_pattern(pattern: str, view: FieldView | None) -> str:
    if view is not None and view.wrong is not None:
        return str(view.wrong)
    digits = DIGITS.fullmatch(pattern)
    if digits is None:
        return OTHERWISE
    count = int(digits[1])
    return ngettext("Es %(count)s número, sin letras.", "Son %(count)s números, sin letras.", count) % {"count": count}


def too_long_words(most: int, typed: int) -> str:
    """That a text has more letters than it may have, with both counts, in the current language."""
    return _("Es demasiado largo: caben %(most)s letras y escribió %(typed)s.") % {
        "most": f"{most:,}",
        "typed": f"{typed:,}",
    }


def _of_limit(rule: str, limit: Any, value: Any) -> str:
    if rule == "minLength":
        return ngettext(
            "Escriba un poco más: al menos %(count)s letra.", "Escriba un poco más: al menos %(count)s letras.", limit
        ) % {"count": limit}
    if rule == "maxLength":
        return too_long_words(limit, len(str(value)))
    if rule == "minimum":
        return _("El número más pequeño que se acepta es %(limit)s.") % {"limit": f"{limit:,}"}
    if rule == "maximum":
        return _("El número más grande que se acepta es %(limit)s.") % {"limit": f"{limit:,}"}
    return ""
