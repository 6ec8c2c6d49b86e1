"""The refusals about figures of law."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from app.kernel.i18n import N_, format_day
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


IS_TABLE = N_("La cifra «%(name)s» es una tabla por edad, no un número.")
IS_NUMBER = N_("La cifra «%(name)s» es un número, no una tabla por edad.")
ROW_IN_THE_WAY = N_("Ya hay una fila que rige desde el %(first)s (%(value)s), y la nueva regiría también ese día.")
DAY_WITHOUT = N_("Esta cifra debe regir todos los días, y el %(day)s quedaría sin ninguna.")


class FigureWrongKind(Conflict):
    """A table was given for a figure that is a number, or a number for one that is a table."""

    slug = "figure-wrong-kind"
    title = N_("Esa cifra se escribe de otra forma")
    detail = N_("Unas cifras son un número y otras una tabla por edad.")
    next_step = N_("Dé un número, o una tabla como 0:8900,20:11100.")

    @classmethod
    def of(cls, name: str, *, is_table: bool) -> Self:
        """For a figure that is a table, or a number."""
        if is_table:
            return cls(detail=IS_TABLE, next_step=N_("Dé una tabla como 0:8900,20:11100."), name=name)
        return cls(detail=IS_NUMBER, next_step=N_("Dé un número como 121.90."), name=name)


class FigureOverlaps(Conflict):
    """A figure would be in force on a day of another row, or one that has to be there every day would have a gap."""

    slug = "figure-overlaps"
    title = N_("Esas fechas no caben entre las demás")
    detail = N_("Dos filas de una cifra no pueden regir el mismo día, y algunas cifras deben regir todos los días.")
    next_step = N_("Revise desde qué día y hasta cuál rige.")

    def __init__(self, *, days: Mapping[str, date] | None = None, **given: Any) -> None:
        super().__init__(**given)
        self.days = days or {}

    def _fill(self, text: str) -> str:
        self.values |= {name: format_day(day) for name, day in self.days.items()}
        return super()._fill(text)

    @classmethod
    def over(cls, first: date, value: str) -> Self:
        """A later row, of this first day, is in the way."""
        return cls(detail=ROW_IN_THE_WAY, days={"first": first}, value=value)

    @classmethod
    def gap(cls, day: date) -> Self:
        """A day would have no row."""
        return cls(detail=DAY_WITHOUT, days={"day": day})


constraint("ex_law_figure_one_a_day", FigureOverlaps)
