"""The figures of law in force today, with source and days, for anyone: what decisions and amounts rest on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Request, Response

from app.catalog.definition import Service
from app.catalog.figures import figures_of
from app.kernel import clock
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _, format_long_day, gettext
from app.law.current import law as known_law
from app.law.current import refresh
from app.law.definitions import Definition, Subject, definitions
from app.law.rules import Figure, Law
from app.places.rules import DEFAULT_ZONE
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.rendering import show

router = APIRouter()

UNITS = {
    "pesos-a-day": N_("$%(amount)s al día"),
    "pesos-a-year": N_("$%(amount)s al año"),
    "percent": N_("%(amount)s %%"),
    "times-uma": N_("%(amount)s veces la UMA"),
    "days": N_("%(amount)s días"),
    "weeks": N_("%(amount)s semanas"),
    "months": N_("%(amount)s meses"),
    "years": N_("%(amount)s años"),
    "day-number": N_("día %(amount)s"),
    "one-in": N_("1/%(amount)s"),
}
PARTS: dict[Decimal | int, str] = {
    2: N_("la mitad (1/2)"),
    3: N_("una tercera parte (1/3)"),
    4: N_("una cuarta parte (1/4)"),
    5: N_("una quinta parte (1/5)"),
    6: N_("una sexta parte (1/6)"),
    8: N_("una octava parte (1/8)"),
    10: N_("una décima parte (1/10)"),
}


SUBJECTS: dict[Subject, str] = {
    "amounts": N_("UMA y salario mínimo"),
    "conservation": N_("Atención médica después de dejar el trabajo"),
    "family": N_("Familia"),
    "nursery": N_("Guardería"),
    "sick-leave": N_("Incapacidades"),
    "unemployment": N_("Retiro por desempleo"),
    "modality-40": N_("Modalidad 40"),
    "family-insurance": N_("Seguro de salud para la familia"),
    "pensions": N_("Pensiones"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as the page has it: its words, the article, the amounts, and what is known of its row."""

    name: str
    text: str
    basis: str
    amounts: list[str]
    figure: Figure | None

    @property
    def source(self) -> str:
        """Where it was read, in the current language; one that the agency recorded is as it wrote it."""
        assert self.figure is not None
        return gettext(self.figure.source)

    @property
    def days(self) -> str:
        """From when until when it is in force."""
        assert self.figure is not None
        first = format_long_day(self.figure.valid_from)
        if self.figure.valid_to is None:
            return _("desde el %(first)s") % {"first": first}
        return _("del %(first)s al %(last)s") % {"first": first, "last": format_long_day(self.figure.valid_to)}


def amounts_of(figure: Figure | None, definition: Definition) -> list[str]:
    """The number with its unit, what it chooses, or each row of a table with its age."""
    if figure is None:
        return []
    meaning, unit = definition.meaning(figure.value), definition.unit
    if isinstance(figure.value, Decimal):
        return [meaning if meaning is not None else _amount(figure.value, unit)]
    return [
        _("desde %(age)s años: %(amount)s") % {"age": age, "amount": _amount(amount, unit)}
        for age, amount in figure.value
    ]


def _amount(value: Decimal, unit: str) -> str:
    if unit == "one-in" and value in PARTS:
        return _(PARTS[value])
    number = f"{value:,.2f}" if unit.startswith("pesos") else f"{value:,f}"
    return _(UNITS[unit]) % {"amount": number}


def shown_of(name: str, law: Law, day: date) -> Shown:
    """A figure as a page has it on a day."""
    one, found = definitions()[name], law.find(name, day)
    return Shown(name, str(one.text), str(one.basis), amounts_of(found, one), found)


def figures_used(service: Service) -> list[Shown]:
    """The figures that a service rests on, as they are today."""
    today = clock.today(DEFAULT_ZONE)
    return [shown_of(name, known_law(), today) for name in figures_of(service) if name in definitions()]


@router.get("/cifras-de-ley")
async def law_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx) -> Response:
    """Every figure, those in doubt marked, and those that today has none of."""
    law, today = await refresh(tx), clock.today(DEFAULT_ZONE)
    parts = [
        (subject, words, [shown_of(name, law, today) for name, one in definitions().items() if one.subject == subject])
        for subject, words in SUBJECTS.items()
    ]
    return show(
        request, browser, "citizen/law.html", parts=parts, today=format_long_day(today), back="/tramites", private=False
    )
