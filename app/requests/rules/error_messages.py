"""What is wrong with an answer, in words that say what to type: which limit, how many digits, what is missing. Pure."""

import re
from typing import Any

from jsonschema.exceptions import ValidationError

from app.catalog.definition import FieldView
from app.kernel.i18n import N_, _, ngettext

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
FORMATS = {
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
        return FORMATS.get(str(limit), OTHERWISE)
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
