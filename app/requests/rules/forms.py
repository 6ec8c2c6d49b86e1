"""Answers against a service's form: brought into their one shape, checked, each mistake with its field. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from app.catalog.definition import Service
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.registry.identifiers import parse_curp

MISSING = N_("Falta este dato.")
ONE_OF_THESE = N_("Dé al menos uno de estos datos.")
MESSAGES = {
    "required": MISSING,
    "anyOf": ONE_OF_THESE,
    "enum": N_("Elija una de las opciones."),
    "const": N_("Hace falta aceptarlo para continuar."),
    "pattern": N_("El formato no es el esperado."),
    "format": N_("El formato no es el esperado."),
    "minLength": N_("Escriba un poco más."),
    "maxLength": N_("Ese texto es demasiado largo."),
    "minimum": N_("El número es demasiado pequeño."),
    "maximum": N_("El número es demasiado grande."),
    "multipleOf": N_("Escriba como mucho dos decimales."),
    "type": N_("El valor no es del tipo esperado."),
    "additionalProperties": N_("Este dato no se esperaba aquí."),
}
UNEXPECTED = MESSAGES["additionalProperties"]
OTHERWISE = N_("El valor no es válido.")
WRONG_CLABE = N_("La CLABE no es correcta: revise sus 18 números.")
CLABE_WEIGHTS = (3, 7, 1)
NUL = "\x00"
LARGEST = 10**15
"""No figure of any form is greater; beyond it, arithmetic in binary is no longer exact."""


def normal(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are kept: no white space around, empty ones left out, identifiers in their one shape."""
    shaped = {name: _shaped(service, name, value) for name, value in answers.items()}
    return {name: value for name, value in shaped.items() if value not in (None, "")}


def _shaped(service: Service, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    widget = service.form.fields[name].widget if name in service.form.fields else "text"
    return re.sub(r"[\s.\-]", "", value).upper() if widget in ("curp", "nss", "clabe") else value.strip()


def mistakes(service: Service, answers: Mapping[str, Any], *, whole: bool) -> list[FieldError]:
    """What is wrong with normal answers. A draft isn't `whole`: what is missing may still come."""
    found: dict[str, str] = {name: OTHERWISE for name, value in answers.items() if _is_no_figure(value)}
    sensible = {name: value for name, value in answers.items() if name not in found}
    for error in sorted(_validator(service).iter_errors(sensible), key=_order):
        for name in _fields(error):
            if whole or error.validator not in ("required", "anyOf"):
                found.setdefault(name, MESSAGES.get(str(error.validator), OTHERWISE))
    for name, value in answers.items():
        reason = _own_check(service, name, value)
        if reason is not None:
            found.setdefault(name, reason)
    return [FieldError(name, message) for name, message in found.items()]


def _is_no_figure(value: Any) -> bool:
    """Numbers JSON can bring that nobody means: NaN, infinities, hundreds of digits."""
    if isinstance(value, float) and not math.isfinite(value):
        return True
    return isinstance(value, int | float) and abs(value) > LARGEST


def _exact_multiple(_validator: Any, step: Any, given: Any, _schema: Any) -> Iterator[ValidationError]:
    """In decimals, as people write them: in binary 1.11 isn't a multiple of 0.01."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return
    if (Fraction(str(given)) / Fraction(str(step))).denominator != 1:
        yield ValidationError(f"{given!r} is not a multiple of {step}")


_Validator: Any = extend(  # type: ignore[no-untyped-call] # the library says no types here
    Draft202012Validator, {"multipleOf": _exact_multiple}
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
        ways: list[dict[str, Any]] = list(error.validator_value)  # type: ignore[arg-type] # set once it failed
        return [str(way["required"][0]) for way in ways if "required" in way][:1]
    return ["body"]


def _own_check(service: Service, name: str, value: Any) -> str | None:
    if isinstance(value, str) and NUL in value:
        return OTHERWISE
    widget = service.form.fields[name].widget if name in service.form.fields else "text"
    if widget == "curp":
        try:
            parse_curp(str(value))
        except ValueError as error:
            return str(error)
    if widget == "clabe" and not is_clabe(str(value)):
        return WRONG_CLABE
    return None


@lru_cache(maxsize=256)
def is_clabe(text: str) -> bool:
    """Whether 18 digits are a CLABE: weights 3, 7, 1 modulo 10 (Asociación de Bancos de México)."""
    if not re.fullmatch(r"[0-9]{18}", text):
        return False
    total = sum(int(digit) * CLABE_WEIGHTS[n % 3] % 10 for n, digit in enumerate(text[:17]))
    return int(text[17]) == (10 - total % 10) % 10
