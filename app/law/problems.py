"""Problems of figures of law."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from app.kernel.i18n import N_, format_day
from app.kernel.problems import Conflict, Invalid, Problem, map_constraint

if TYPE_CHECKING:
    from app.law.limits import Limits, Violation


class FigureMissing(Conflict):
    """No figure is in force on the day of the decision: no amount may be computed."""

    slug = "figure-missing"
    title = N_("Falta una cifra vigente para esa fecha")
    detail = N_(
        "La cuota, el salario mínimo u otra cifra que se necesita no está registrada para ese día, así que no se"
        " calcula ningún importe."
    )
    next_step = N_("Deje la solicitud en revisión; un administrador registra la cifra con «ventanilla law set».")


ASK_LATER = N_("Inténtelo otro día o pregunte en su clínica: la agencia tiene que registrar la cifra.")
"""What to do about a missing figure, for the person who asked."""


class FigureNotDefined(Problem):
    """There is no figure of law of this name."""

    slug = "figure-not-defined"
    status = 404
    title = N_("No hay una cifra de ley con ese nombre")
    next_step = N_("Vea la lista de las cifras.")


IS_TABLE = N_("La cifra «%(name)s» es una tabla por edad, no un número.")
IS_NUMBER = N_("La cifra «%(name)s» es un número, no una tabla por edad.")
ROW_IN_THE_WAY = N_("Ya hay una fila que rige desde el %(first)s (%(value)s), y la nueva regiría también ese día.")
CUT_OFF = N_(
    "La fila que rige desde el %(first)s (%(value)s) terminaría antes de lo que dice, y el %(day)s quedaría sin"
    " ninguna."
)
LATER_END = N_(
    "No dé último día, o uno que no sea anterior al de esa fila; después registre lo que rige a partir de él."
)
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


NOT_BETWEEN = N_("La cifra «%(name)s» va de %(least)s a %(most)s, y se dio %(value)s.")
NOT_WHOLE = N_("La cifra «%(name)s» es un número entero, de %(least)s a %(most)s, y se dio %(value)s.")
NOT_A_CHOICE = N_("La cifra «%(name)s» solo puede ser una de estas: %(choices)s. Se dio %(value)s.")


class FigureImpossible(Invalid):
    """A value that the figure of law can't have: outside of its limits, a fraction, or none of its choices."""

    slug = "figure-impossible"
    title = N_("Esa cifra no puede tener ese valor")
    next_step = N_("Revise el valor y escríbalo dentro de esos límites.")

    def __init__(self, *, choices: Mapping[int, object] | None = None, **given: Any) -> None:
        super().__init__(**given)
        self.choices = choices or {}

    def _fill(self, text: str) -> str:
        self.values |= {"choices": "; ".join(f"{value}, {words}" for value, words in self.choices.items())}
        return super()._fill(text)

    @classmethod
    def of(cls, name: str, value: str, violation: "Violation", limits: "Limits", choices: Mapping[int, object]) -> Self:
        """What is wrong, with the least and the most, or the choices and what each means."""
        if violation == "choice":
            return cls(detail=NOT_A_CHOICE, choices=choices, name=name, value=value)
        detail = NOT_WHOLE if violation == "whole" else NOT_BETWEEN
        return cls(detail=detail, name=name, value=value, least=f"{limits.least:,}", most=f"{limits.most:,}")


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
    def cut_off(cls, first: date, value: str, day: date) -> Self:
        """The rest of a row, from this day on, would have none in its place."""
        return cls(detail=CUT_OFF, next_step=LATER_END, days={"first": first, "day": day}, value=value)

    @classmethod
    def gap(cls, day: date) -> Self:
        """A day would have no row."""
        return cls(detail=DAY_WITHOUT, days={"day": day})


map_constraint("ex_law_figure_one_a_day", FigureOverlaps)
