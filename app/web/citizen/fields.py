"""A service's form as pages: which fields to ask, what was typed, and how an answer reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.catalog.definition import FieldView, Page, Service
from app.catalog.rules.conditions import holds
from app.kernel.i18n import N_, _, format_day
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.places.queries import search_units, unit_by_id
from app.requests.queries.units import unit_named
from app.requests.rules.forms import alternatives, applicable, required_names, too_long_words
from app.web.forms import MAX_LENGTH, SubmittedForm, too_long

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit
    from app.registry.models import Person

YES, NO = "yes", "no"
MAX_FOUND = 20
SEARCH, MAX_SEARCHED = "-search", 120
"""What the box of a search is called after its field's name; how much of it is read."""
PARTS_OF_DATE = (N_("el día"), N_("el mes"), N_("el año"))
WRONG_NUMBER = N_("Escriba sólo números.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A field on a page."""

    name: str
    view: FieldView
    is_required: bool
    is_optional: bool
    """May be left empty, and says so: neither required, nor asked only after another answer, nor one of which any will
    do."""
    longest: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the form with the fields that apply; `number` counts from 1."""

    number: int
    page: Page
    fields: list[Asked]


def steps_of(service: Service, answers: Mapping[str, Any]) -> list[Step]:
    """The pages that ask something, given the answers so far. A condition on a question of the same page hides nothing
    while that question is there: without scripts it could not be shown again."""
    made: list[Step] = []
    for page in service.form.pages:
        shown = [name for name in page.fields if _applies(service, page, name, answers)]
        if shown:
            needed = required_names(service, shown, answers)
            made.append(Step(len(made) + 1, page, [_asked(service, name, needed) for name in shown]))
    return made


def _applies(service: Service, page: Page, name: str, answers: Mapping[str, Any]) -> bool:
    conditions = service.form.fields[name].show_when
    here = [other for other in conditions if other in page.fields]
    elsewhere = {other: values for other, values in conditions.items() if other not in page.fields}
    return holds(elsewhere, answers) and all(_applies(service, page, other, answers) for other in here)


def _asked(service: Service, name: str, needed: frozenset[str]) -> Asked:
    view = service.form.fields[name]
    is_optional = not (name in needed or view.show_when or name in alternatives(service))
    longest = service.form.json_schema["properties"][name].get("maxLength")
    return Asked(name, view, name in needed, is_optional, longest)


def long_texts(step: Step, form: SubmittedForm) -> list[FieldError]:
    """The texts with more letters than any may have, each with the limit of its own field; of others, the portal's."""
    limits = {asked.name: asked.longest for asked in step.fields if asked.longest}
    return [
        FieldError(one.field, too_long_words(limits.get(one.field, MAX_LENGTH), len(form.get(one.field))))
        for one in too_long(form)
    ]


def typed_answers(step: Step, form: SubmittedForm) -> dict[str, Any]:
    """What was typed, as the schema's types; what can't be read is noted in the form's errors."""
    return {asked.name: _typed(asked, form) for asked in step.fields}


def _typed(asked: Asked, form: SubmittedForm) -> Any:
    if asked.view.widget == "date":
        return _date(asked.name, form)
    text = form.get(asked.name)
    if asked.view.widget == "yes-no":
        return {YES: True, NO: False}.get(text)
    if asked.view.widget == "number" and text:
        try:
            return float(text.replace(",", "").replace("$", ""))
        except ValueError:
            form.wrong(asked.name, WRONG_NUMBER)
            return None
    return text or None


def _date(name: str, form: SubmittedForm) -> str | None:
    parts = [form.get(f"{name}-{part}") for part in ("year", "month", "day")]
    if not any(parts):
        return None
    if not all(parts):
        lacking = [_(word) for word, part in zip(PARTS_OF_DATE, reversed(parts), strict=True) if not part]
        form.wrong(name, _("A la fecha le falta: %(parts)s.") % {"parts": ", ".join(lacking)})
        return None
    day = form.date_in_boxes(name, *parts)
    return day.isoformat() if day else None


def boxes_of(step: Step, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the stored answers as the fields of a page show them."""
    shown: dict[str, str] = {}
    for asked in step.fields:
        value = answers.get(asked.name)
        if value is None:
            continue
        if asked.view.widget == "date":
            year, month, day = str(value).split("-")
            shown |= {f"{asked.name}-year": year, f"{asked.name}-month": month, f"{asked.name}-day": day}
        elif isinstance(value, bool):
            shown[asked.name] = YES if value else NO
        else:
            shown[asked.name] = f"{value:g}" if isinstance(value, float) else str(value)
    return shown


def anchors_of(step: Step) -> dict[str, str]:
    """Return where the error summary leads: to the first box of a field."""
    anchors = {asked.name: f"{asked.name}-day" for asked in step.fields if asked.view.widget == "date"}
    return anchors | {asked.name: f"{asked.name}{SEARCH}" for asked in step.fields if asked.view.widget == "any-unit"}


def labels_of(step: Step) -> dict[str, str]:
    """What each field is called, for the error summary."""
    return {asked.name: str(asked.view.label) for asked in step.fields}


async def readable(session: AsyncSession, service: Service, answers: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, question, answer in words) for each answer to a question that is asked, in the form's order."""
    rows, answers = [], applicable(service, answers)
    for step in steps_of(service, answers):
        for asked in step.fields:
            if asked.name in answers:
                words = await _words(session, asked.view, answers[asked.name])
                rows.append((asked.name, str(asked.view.label), words))
    return rows


async def _words(session: AsyncSession, view: FieldView, value: Any) -> str:
    for option in view.options:
        if option.value == value:
            return str(option.label)
    if isinstance(value, bool):
        return _("Sí") if value else _("No")
    if view.widget == "date":
        return format_day(iso_date(str(value)))
    if view.widget == "unit":
        unit = await unit_named(session, value)
        return unit.name if unit else str(value)
    if view.widget == "any-unit":
        unit = await unit_named(session, value)
        return f"{unit.name} ({unit.clues}), {unit.municipality.title()}" if unit else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class UnitSearch:
    """The units to choose from for a field that may name any: those known, and what a search found."""

    units: list[Unit]
    typed: str = ""
    found: int = 0
    has_more: bool = False


async def search_for(
    session: AsyncSession, step: Step, person: Person | None, form: SubmittedForm | None, answers: Mapping[str, Any]
) -> dict[str, UnitSearch]:
    """For each field of a page that may name any unit, what there is to choose from. `person`: whose own unit may be
    offered; None where who fills it in isn't known well enough to be shown it."""
    made = {}
    for asked in step.fields:
        if asked.view.widget != "any-unit":
            continue
        typed = form.get(f"{asked.name}{SEARCH}")[:MAX_SEARCHED] if form else ""
        own = await unit_by_id(session, person.unit_id) if person and person.unit_id else None
        near = own.state_code if own else None
        found = await search_units(session, typed, limit=MAX_FOUND + 1, near=near) if typed else []
        chosen = await unit_named(session, (form.get(asked.name) if form else None) or answers.get(asked.name))
        known = [unit for unit in (chosen, own) if unit is not None]
        units = list({unit.id: unit for unit in [*known, *found[:MAX_FOUND]]}.values())
        made[asked.name] = UnitSearch(units, typed, len(found[:MAX_FOUND]), len(found) > MAX_FOUND)
    return made
