"""Texts of certificates: titles, labels, legal grounds, and formats of days and money."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date

from app.kernel.i18n import LOCALES, N_, _, language

TITLES: dict[str, str] = {
    "nss": N_("Constancia de número de seguridad social"),
    "vigencia": N_("Constancia de vigencia de derechos"),
    "weeks": N_("Constancia de semanas cotizadas"),
    "sick-leave": N_("Constancia de incapacidades"),
    "not-insured": N_("Constancia de no derechohabiencia"),
    "resolution": N_("Resolución de un trámite"),
    "refusal": N_("Resolución de negativa"),
    "pension-refusal": N_("Resolución de negativa de pensión"),
    "answer": N_("Respuesta por escrito"),
}
# Articles of the Ley del Seguro Social cited by service files; the agency has to confirm their text.
GROUNDS: dict[str, str] = {
    "nss": N_("Ley del Seguro Social, artículo 8."),
    "vigencia": N_("Ley del Seguro Social, artículos 84 y 109."),
    "weeks": N_("Ley del Seguro Social, artículo 20."),
    "sick-leave": N_("Ley del Seguro Social, artículos 58, 96 a 98 y 101 a 102."),
    "not-insured": N_("Ley del Seguro Social, artículos 12, 13 y 109."),
    "resolution": N_("Ley del Seguro Social y sus reglamentos, por los motivos que se indican."),
    "refusal": N_("Ley del Seguro Social y sus reglamentos, por los motivos que se indican."),
    "pension-refusal": N_("Ley del Seguro Social, artículos 154 y 162, y los que se indican con cada motivo."),
    "answer": N_("Ley del Seguro Social, artículo 296, y su instructivo de quejas administrativas."),
}
KINSHIP = {
    "spouse": N_("Cónyuge"),
    "civil-union": N_("Pareja por unión civil"),
    "partner": N_("Pareja"),
    "child": N_("Hija o hijo"),
    "ward": N_("Menor a su cuidado"),
    "parent": N_("Madre o padre"),
}
LEAVE_KINDS = {
    "illness": N_("Enfermedad general"),
    "work-risk": N_("Riesgo de trabajo"),
    "maternity": N_("Maternidad"),
}

LEAVE_REASONS = {
    "first-days": N_("Los primeros días de una incapacidad por enfermedad no se pagan (art. 96)."),
    "term-over": N_("La incapacidad pasó del plazo que se paga (art. 96)."),
    "no-weeks": N_("No tenía las semanas cotizadas que se piden (arts. 97 y 102)."),
    "no-job": N_("No tenía un trabajo vigente el día en que empezó la incapacidad (arts. 96 y 101)."),
}


def title_of(template: str) -> str:
    """Return the title of the document."""
    return _(TITLES[template])


def word(table: dict[str, str], key: str) -> str:
    """Return the text of a key; the key itself if there is none."""
    return _(table[key]) if key in table else key


def day(value: date) -> str:
    """Format a day in full: «25 de noviembre de 2026»."""
    return format_date(value, format="long", locale=LOCALES[language()])


def short_day(value: date) -> str:
    """Format a day for a table: «25 nov 2026»."""
    return format_date(value, format="medium", locale=LOCALES[language()])


def until_when(until: date | None, *, is_in_force: bool = True) -> str:
    """Format the end of a relative's rights, for a table."""
    if not is_in_force:
        return _("Sin derecho vigente")
    return short_day(until) if until else _("Mientras dure el del titular")


def pesos(amount: Decimal) -> str:
    """Format an amount in Mexican pesos: «$1,234.50»."""
    return f"${amount:,.2f}"


def count(number: int) -> str:
    """Format a whole number with thousands separators."""
    return f"{number:,}"
