"""The refusals of the measurement. Each says what is wrong and what to do instead."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, FieldError, Invalid, NotFound, constraint
from app.savings.rules.plan import Refused


class BaselineUnknown(NotFound):
    """There is no such version of the figures."""

    slug = "baseline-unknown"
    title = N_("No existe esa versión de la línea base")
    next_step = N_("Elija una de la lista de versiones.")


class BaselineSealed(Conflict):
    """A published version never changes."""

    slug = "baseline-sealed"
    title = N_("Una versión publicada no se cambia")
    next_step = N_("Empiece un borrador a partir de ella.")


class DraftOpen(Conflict):
    """There is a draft already: one at a time."""

    slug = "draft-open"
    title = N_("Ya hay un borrador de la línea base")
    next_step = N_("Siga con ese borrador, o publíquelo.")


constraint("uq_baseline_draft", DraftOpen)


class FiguresInvalid(Invalid):
    """Rows of a baseline aren't right; `fields` says which and why."""

    slug = "figures-invalid"
    title = N_("Hay cifras por corregir")
    detail = N_("Revise las filas señaladas.")


class FigureAbsent(Conflict):
    """The version has no row for a figure the model needs."""

    slug = "figure-absent"
    title = N_("A esta versión le falta una cifra")
    detail = N_("Falta «%(key)s» para «%(service)s».")
    next_step = N_("Añada la fila en un borrador y publíquelo.")


class PricesUnknown(Invalid):
    """There is no price index for the year asked for, or for that of a figure."""

    slug = "prices-unknown"
    title = N_("No hay índice de precios de ese año")
    detail = N_("Falta el INPC de %(year)s en la línea base.")
    next_step = N_("Pida los precios de otro año.")


class ReportUnknown(NotFound):
    """There is no such published report."""

    slug = "report-unknown"
    title = N_("No existe ese informe")


REFUSALS = {
    "dates-in-order": N_("La fecha final es anterior a la inicial."),
    "too-long": N_("Pida diez años como máximo."),
    "unknown-group": N_("No se agrupa por eso."),
    "too-many-groups": N_("Agrupe por tres cosas distintas como máximo."),
    "one-of-a-kind": N_("Elija un solo periodo y un solo tipo de lugar para agrupar."),
    "one-quality": N_("Elija una sola de estas: dispositivo, edad, sexo, ruralidad o idioma."),
    "whole-months": N_("Por esa característica sólo hay meses completos: use el primer y el último día de un mes."),
    "units-by-month": N_("Por unidad sólo hay meses completos y ninguna otra característica; o elija una sola unidad."),
}
"""Why a question can't be answered, by the code of `rules.plan.Refused`."""


def refused(why: Refused) -> Invalid:
    """The problem a refused question is."""
    return Invalid(fields=[FieldError(why.field, REFUSALS[why.code])])
