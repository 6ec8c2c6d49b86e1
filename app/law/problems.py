"""The refusals about figures of law."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Problem, constraint


class FigureMissing(Conflict):
    """No figure is in force on the day of the decision: no amount may be computed."""

    slug = "figure-missing"
    title = N_("Falta una cifra vigente para esa fecha")
    detail = N_(
        "La cuota, el salario mínimo u otra cifra que se necesita no está registrada para ese día, así que no se"
        " calcula ningún importe."
    )
    next_step = N_("Deje la solicitud en revisión; un administrador registra la cifra con «ventanilla law set».")


class FigureNotDefined(Problem):
    """There is no figure of law of this name."""

    slug = "figure-not-defined"
    status = 404
    title = N_("No hay una cifra de ley con ese nombre")
    next_step = N_("Vea la lista de las cifras.")


class FigureWrongKind(Conflict):
    """A table was given for a figure that is a number, or a number for one that is a table."""

    slug = "figure-wrong-kind"
    title = N_("Esa cifra se escribe de otra forma")
    detail = N_("Unas cifras son un número y otras una tabla por edad.")
    next_step = N_("Dé un número, o una tabla como 0:8900,20:11100.")


class FigureOverlaps(Conflict):
    """A figure would be in force on a day of another row, or one that has to be there every day would have a gap."""

    slug = "figure-overlaps"
    title = N_("Esas fechas no caben entre las demás")
    detail = N_("Dos filas de una cifra no pueden regir el mismo día, y algunas cifras deben regir todos los días.")
    next_step = N_("Revise desde qué día y hasta cuál rige.")


constraint("ex_law_figure_one_a_day", FigureOverlaps)
