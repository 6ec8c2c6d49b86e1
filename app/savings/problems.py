"""Problems of the measurement: each states what is wrong and what to do instead."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, FieldError, Invalid, NotFound, map_constraint


class BaselineUnknown(NotFound):
    """There is no such version of the parameters."""

    slug = "baseline-unknown"
    title = N_("No existe esa versión de la línea base")
    next_step = N_("Elija una de la lista de versiones.")


class BaselineImmutable(Conflict):
    """A published version never changes."""

    slug = "baseline-immutable"
    title = N_("Una versión publicada no se cambia")
    detail = ""
    next_step = N_("Empiece un borrador a partir de ella.")


class DraftExists(Conflict):
    """A draft exists already: one at a time."""

    slug = "draft-exists"
    title = N_("Ya hay un borrador de la línea base")
    detail = ""
    next_step = N_("Siga con ese borrador, o publíquelo.")


map_constraint("uq_baseline_draft", DraftExists)
# Two drafts begun at once have the same number: the second one meets this key first.
map_constraint("pk_baseline", DraftExists)


class ParametersInvalid(Invalid):
    """Rows of a baseline aren't right; `fields` says which and why."""

    slug = "parameters-invalid"
    title = N_("Hay cifras por corregir")
    detail = N_("Revise las filas señaladas.")


class ParameterMissing(Conflict):
    """The version has no row for a parameter the model needs."""

    slug = "parameter-missing"
    title = N_("A esta versión le falta una cifra")
    detail = N_("Falta «%(key)s» para «%(service)s».")
    next_step = N_("Añada la fila en un borrador y publíquelo.")


class PriceIndexUnknown(Invalid):
    """There is no price index for the year asked for, or for that of a parameter."""

    slug = "price-index-unknown"
    title = N_("No hay índice de precios de ese año")
    detail = N_("Falta el INPC de %(year)s en la línea base.")
    next_step = N_("Pida los precios de otro año.")


class ReportUnknown(NotFound):
    """There is no such published report."""

    slug = "report-unknown"
    title = N_("No existe ese informe")


class TransactionUnknown(NotFound):
    """There is no such transaction of the person's own."""

    slug = "transaction-unknown"
    title = N_("No encontramos ese trámite entre los suyos")
    next_step = N_("Vuelva a su resumen y elíjalo ahí.")


class CorrectionClosed(Conflict):
    """A transaction can't be corrected: it wasn't completed, repeats another, or was too long ago."""

    slug = "correction-closed"
    title = N_("Eso ya no se puede corregir")
    detail = N_("Se corrige lo que usted terminó y no repitió, hasta unos 13 meses después.")
    next_step = N_("Vuelva a su resumen: ahí dice cuáles se pueden corregir.")


class MetricUnknown(NotFound):
    """There is no such metric."""

    slug = "metric-unknown"
    title = N_("No existe esa métrica")
    next_step = N_("Elija una del catálogo de métricas.")


class FilterUnknown(Invalid):
    """A filter names a service, state, region, unit, channel or value that doesn't exist."""

    slug = "filter-unknown"
    title = N_("No conocemos lo que pide filtrar")
    detail = N_("No hay «%(value)s» entre lo que se puede elegir en «%(field)s».")


class ExportUnknown(NotFound):
    """There is no such table, or it isn't public."""

    slug = "export-unknown"
    title = N_("No existe esa tabla, o no es para todos")
    next_step = N_("Elija una de la lista de tablas.")


REFUSALS = {
    "dates-in-order": N_("La fecha final es anterior a la inicial."),
    "too-long": N_("Pida diez años como máximo."),
    "unknown-group": N_("No se agrupa por eso."),
    "too-many-groups": N_("Agrupe por tres cosas distintas como máximo."),
    "one-of-a-kind": N_("Elija un solo periodo y un solo tipo de lugar para agrupar."),
    "one-quality": N_("Elija una sola de estas: dispositivo, edad, sexo, ruralidad o idioma."),
    "whole-months": N_("Por esa característica sólo hay meses completos: use el primer y el último día de un mes."),
    "units-by-month": N_("Por unidad sólo hay meses completos y ninguna otra característica; o elija una sola unidad."),
    "too-fine": N_("Son demasiados grupos: pida menos, o descargue los datos completos."),
    "out-of-reach": N_("Pida fechas entre 1990 y 2100."),
    "not-by-that": N_("Esta métrica no se lleva por eso."),
    "value-of-what": N_("Diga de qué característica es el valor."),
    "available-by-month": N_("Esta métrica se lleva por meses completos: use el primer y el último día de un mes."),
    "needs-unit": N_("Por día de la semana y hora sólo se responde de una unidad: elíjala."),
    "public-by-month": N_("Para todo público se responde por mes o por periodos más largos."),
    "public-one-thing": N_(
        "Para todo público se cruzan el periodo, el trámite y una sola cosa más: lugar, medio o característica."
    ),
    "public-no-units": N_("Para todo público sólo las visitas en persona se publican por unidad."),
    "public-whole-months": N_("Para todo público se responde de meses completos que ya terminaron."),
}
"""Why a question can't be answered, by code."""
VALIDATION_MESSAGES = {
    "unknown-key": N_("No es una cifra que el modelo lea."),
    "wrong-unit": N_("La unidad no es la de esa cifra."),
    "money-has-a-year": N_("Las cifras en pesos llevan el año de sus precios; las demás, ninguno."),
    "inpc-scope": N_("El INPC es una cifra fija y su alcance es un año, como 2025."),
    "no-source": N_("Diga de dónde viene la cifra."),
    "pert-order": N_("Ponga bajo, más probable y alto en orden, sin negativos, y bajo menor que alto."),
    "share-over-one": N_("Una proporción va de 0 a 1."),
    "beta": N_("Una beta es de una proporción y lleva aciertos y fallos mayores que cero."),
    "normal": N_("Una normal lleva media y error estándar, sin negativos."),
    "negative": N_("La cifra no puede ser negativa."),
    "twice": N_("La misma cifra, alcance y lugar aparece dos veces."),
    "too-long": N_("El texto es demasiado largo."),
    "out-of-range": N_("El número está fuera de lo que se acepta."),
}
"""What is wrong with a row of a baseline, by the codes of `rules.parameters.validate_parameter`."""


def unsupported(field: str, code: str) -> Invalid:
    """The problem of a question that can't be answered from what is stored: why, by its code in REFUSALS."""
    return Invalid(fields=[FieldError(field, REFUSALS[code], code.replace("-", "_"))])
