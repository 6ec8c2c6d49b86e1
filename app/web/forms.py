"""Submitted forms: read within limits, validated, and shown again with their errors."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from app.kernel import ids
from app.kernel.http.pages import local_path, page_form
from app.kernel.i18n import N_, gettext
from app.kernel.idempotency import KEY_FIELD, IdempotencyRequest, fingerprint
from app.kernel.parsing import date_of, is_digits, strip_bidi_controls
from app.kernel.problems import FieldError, Invalid
from app.requests.rules.forms import MISSING, MISSING_BY_WIDGET, NO_SUCH_DATE, too_long_words

MAX_LENGTH = 2_000
YEAR_DIGITS = 4
YEAR_IN_FULL = N_("Escriba el año con sus cuatro números, por ejemplo 1990.")
PAGE_FIELD = "page"
SECRETS = {"password", "again"}
"""Fields whose every character counts."""


@dataclass(slots=True)
class SubmittedForm:
    """The fields of a form as sent, and the errors found so far."""

    values: Mapping[str, str]
    path: str = ""
    errors: list[FieldError] = field(default_factory=list)
    lists: Mapping[str, list[str]] = field(default_factory=dict)

    def getlist(self, name: str) -> list[str]:
        """Return every value of this field."""
        return list(self.lists.get(name, []))

    def get(self, name: str) -> str:
        """The field without white space around; empty when it wasn't sent."""
        return self.values.get(name, "").strip()

    def wrong(self, name: str, message: str) -> None:
        """Add a field error that states what to do."""
        self.errors.append(FieldError(name, message))

    def _is_wrong(self, name: str) -> bool:
        return any(error.field == name for error in self.errors)

    def required(self, name: str, message: str) -> str:
        """The field, noting `message` when it is empty."""
        if self._is_wrong(name):
            return ""
        value = self.get(name)
        if not value:
            self.wrong(name, message)
        return value

    def one_of(self, name: str, allowed: Mapping[str, object] | set[str] | list[str], message: str) -> str:
        """The field, when it is one of the choices offered; otherwise notes `message`."""
        if self._is_wrong(name):
            return ""
        value = self.get(name)
        if value not in allowed:
            self.wrong(name, message)
            return ""
        return value

    def parsed(self, name: str, parse: Callable[[str], str], empty: str) -> str:
        """The field in its one right shape; notes what the parser says is wrong."""
        value = self.required(name, empty)
        if not value:
            return ""
        try:
            return parse(value)
        except ValueError as error:
            self.wrong(name, str(error))
            return ""

    def chosen_id(self, name: str, message: str) -> UUID | None:
        """The id of what was chosen, noting `message` when there is none or it is no id."""
        value = self.required(name, message)
        try:
            return UUID(value) if value else None
        except ValueError:
            self.wrong(name, message)
            return None

    def birth_date(self, name: str) -> date | None:
        """Three boxes: day, month, year."""
        parts = [self.get(f"{name}-{part}") for part in ("year", "month", "day")]
        if not all(parts):
            self.wrong(name, N_("Escriba el día, el mes y el año de nacimiento."))
            return None
        return self.date_in_boxes(name, *parts)

    def date_in_boxes(self, name: str, year: str, month: str, day: str) -> date | None:
        """A date typed whole in three boxes, noting what is wrong with it. The century of a year of two digits isn't
        guessed: it is asked for."""
        try:
            return date_of(year, month, day)
        except ValueError:
            self.wrong(name, NO_SUCH_DATE if len(year) == YEAR_DIGITS or not is_digits(year) else YEAR_IN_FULL)
            return None

    def idempotency_request(self) -> IdempotencyRequest:
        """Return the idempotency key of the form: submitted twice, it has one effect."""
        key = self.get(KEY_FIELD)
        body = "\n".join(f"{name}={value}" for name, value in sorted(self.values.items()))
        return IdempotencyRequest(key or ids.new_secret(16), fingerprint("POST", self.path, body.encode()))


async def _whole(request: Request) -> SubmittedForm:
    form = await page_form(request)
    # A browser counts the end of a line as one letter and sends two.
    sent = [(name, _text(name, value)) for name, value in form.multi_items() if isinstance(value, str)]
    lists: dict[str, list[str]] = {}
    for name, value in sent:
        lists.setdefault(name, []).append(value)
    request.scope["state"]["page"] = local_path(dict(sent).get(PAGE_FIELD, ""))
    return SubmittedForm(dict(sent), request.url.path, lists=lists)


def _text(name: str, value: str) -> str:
    return value if name in SECRETS else strip_bidi_controls(value.replace("\r\n", "\n"))


def too_long(form: SubmittedForm) -> list[FieldError]:
    """The fields with more letters than any may have."""
    longest = {name: max(map(len, values), default=0) for name, values in form.lists.items()}
    long = {name: count for name, count in longest.items() if count > MAX_LENGTH}
    return [FieldError(name, too_long_words(MAX_LENGTH, count)) for name, count in long.items()]


async def _submitted(request: Request) -> SubmittedForm:
    form = await _whole(request)
    if wrong := too_long(form):
        raise Invalid(fields=wrong)
    return form


async def _noted(request: Request) -> SubmittedForm:
    form = await _whole(request)
    form.errors += too_long(form)
    return form


Form = Annotated[SubmittedForm, Depends(_submitted)]
NotedForm = Annotated[SubmittedForm, Depends(_noted)]
"""With what is too long among its errors: its route looks at them before it does anything, and shows the form again."""
WholeForm = Annotated[SubmittedForm, Depends(_whole)]
"""With texts of any length, for who shows them again."""

NextPage = Annotated[str, Query(alias="next")]
"""The page a sign-in leads to."""


def new_key() -> str:
    """A key for a form that has an effect."""
    return ids.new_secret(16)


WORD = re.compile(r"[^\W_]{3,}")
ES = "con del desde esa ese esta este las los más para por que qué quien quién sin una uno usted"
EN = "and are for from has have how not than that the this was what which who you your"
SMALL_WORDS = frozenset(f"{ES} {EN}".split())
"""Words that name no field."""


def summary_line(message: str, label: str, others: Mapping[str, str]) -> str:
    """A message with the label of its field before it, unless it names the field itself: by a word of the label that no
    other label of the page has. What is missing is never named by its message. `others`: the labels of the page."""
    if not label:
        return message
    own = _names(label, [one for one in others.values() if one != label])
    if own & _words(message) and not _is_of_missing(message):
        return message
    return f"{label} {message}" if "?" in label or label.endswith(".") else f"{label}: {message}"


def _is_of_missing(message: str) -> bool:
    return message in {gettext(one) for one in (MISSING, *MISSING_BY_WIDGET.values())}


def _names(label: str, others: list[str]) -> set[str]:
    """The words that only this label has."""
    return _words(label) - {word for one in others for word in _words(one)}


def _words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)} - SMALL_WORDS
