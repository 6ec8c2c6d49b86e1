"""The rows of a resolution: a label and a value in both languages."""

from datetime import date
from typing import Any

from app.kernel.i18n import LANGUAGES, format_long_day, use_language
from app.requests.service.cases import Case

Row = dict[str, Any]
"""`is_name`: the value names a person, and only a part of it is for strangers."""


def row(es: str, en: str, value: object) -> Row:
    """A line of a resolution."""
    return {"label": {"es": es, "en": en}, "value": str(value)}


def day_row(es: str, en: str, day: date) -> Row:
    """A line of a resolution with a day, in words."""
    in_words = {}
    for code in LANGUAGES:
        with use_language(code):
            in_words[code] = format_long_day(day)
    return row(es, en, "") | {"value": in_words}


def chosen(case: Case, field: str, es: str, en: str) -> Row:
    """A line of a resolution with an answer, by the words of its option rather than its code."""
    value = case.request.answers[field]
    view = case.service.form.fields.get(field)
    option = next((one for one in view.options if one.value == value), None) if view else None
    line = row(es, en, value)
    return line | {"value": option.label.both()} if option else line
