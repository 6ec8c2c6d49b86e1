"""Search over every submitted request: by folio, CURP, NSS or words of a name, without minding accents. Names are
searched in small letters, word by word."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.kernel import ids
from app.kernel.actor import Staff
from app.kernel.i18n import N_
from app.kernel.parsing import is_digits, plain_identifier, search_words
from app.kernel.problems import FieldError
from app.registry.sign_in import parse_identifier
from app.requests.models import FOLIO_PREFIX
from app.requests.problems import NothingToSearch
from app.requests.queries.queue import units_of
from app.requests.statements import STATEMENTS

Db = AsyncConnection | AsyncSession
MAX_FOUND = 50
NEWEST = 1_000
"""Requests looked through, newest first, before the index of words is asked: a name that one in twenty has is there."""
MIN_OF_FOLIO = 4
MAX_PEOPLE = 500
"""People whose CURP begins alike, before their requests are looked up."""
BEGUN_CURP = re.compile(r"[A-Z]{4}[0-9]{2}[A-Z0-9]{0,11}")
TOO_LITTLE = N_("Escriba al menos 4 letras o números del folio, o los primeros 6 de la CURP.")
MAX_ENDINGS = 200
"""Words that begin like an unfinished one, to be looked up each by itself: of one letter there may be thousands."""


@dataclass(frozen=True, slots=True)
class Found:
    """A request a search found."""

    folio: str
    service: str
    status: str
    kind: str
    outcome: str | None
    person_id: UUID
    full_name: str
    curp: str
    unit_id: UUID | None
    submitted_at: datetime
    due_on: date | None


_BY_FOLIO, _BY_PERSON = STATEMENTS.load("search_by_folio"), STATEMENTS.load("search_by_person")
_BY_PART, _BY_NAME = (
    {at: STATEMENTS.load(name, variant="units" if at else "anywhere", at_units=at) for at in (False, True)}
    for name in ("search_by_part", "search_by_name")
)
_BEGINNING = STATEMENTS.load("name_beginning")


async def search(db: Db, actor: Staff, typed: str) -> list[Found]:
    """Requests of the actor's units by folio, CURP, NSS or words of a name, with or without accents: at most 50.

    The last word of a name may be unfinished; where someone has it as it is, those who have it come first. Of a folio
    four letters or digits in a row are enough (its first ones find any request, others the newest), of a CURP its
    first six.

    Raises:
        WrongRole; NothingToSearch: nothing that could be searched was typed, or too little of a folio or CURP.
    """
    units = units_of(actor)
    params: dict[str, Any] = {"units": units, "limit": MAX_FOUND}
    folio = _folio(typed)
    by_folio = await _found(db, _BY_FOLIO, params | {"folio": folio}) if folio is not None else []
    # One name of twelve letters in forty happens to be well formed as a folio; names have no digits.
    if by_folio or (folio is not None and any(is_digits(letter) for letter in typed)):
        return by_folio
    number = _number(typed)
    if number is not None:
        return await _found(db, _BY_PERSON, params | {"number": number})
    has_digits = any(is_digits(letter) for letter in typed)
    if has_digits and (by_part := await _by_part(db, typed, units)):
        return by_part
    words = folded(typed)[:MAX_TYPED]
    if not words:
        raise NothingToSearch(fields=[FieldError("q", NothingToSearch.title, "nothing_to_search")])
    by_name = await _by_name(db, words, units)
    if not by_name and has_digits and len("".join(words)) < MIN_OF_FOLIO:
        raise NothingToSearch(detail=TOO_LITTLE, fields=[FieldError("q", TOO_LITTLE, "too_little")])
    # A part of a folio may have no digit, and is no word of a name then.
    return by_name or (await _by_part(db, typed, units) if not has_digits and len(words) == 1 else [])


async def _by_part(db: Db, typed: str, units: list[UUID] | None) -> list[Found]:
    begins = ids.folio_beginnings(typed, FOLIO_PREFIX, least=MIN_OF_FOLIO)
    part = ids.folio_part(typed, least=MIN_OF_FOLIO)
    curp = plain_identifier(typed)
    curp = curp if BEGUN_CURP.fullmatch(curp) else ""
    if units == [] or (part is None and not begins and not curp):
        return []
    params = {"units": units, "limit": MAX_FOUND, "begins": begins, "part": part, "curp": curp or None}
    params |= {"people": MAX_PEOPLE, "newest": NEWEST if units is None else max(1, NEWEST // len(units))}
    return await _found(db, _BY_PART[units is not None], params)


async def _by_name(db: Db, words: list[str], units: list[UUID] | None) -> list[Found]:
    if units == []:
        return []
    endings = await _endings(db, words[-1])
    places = [str(unit) for unit in units or ()]
    params = {
        "units": units,
        "limit": MAX_FOUND,
        "begun": query(words, endings, *places),
        "whole": query(words, words[-1:], *places),
    }
    newest = NEWEST if units is None else max(1, NEWEST // len(units))
    return await _found(db, _BY_NAME[units is not None], params | {"newest": newest})


async def _endings(db: Db, begun: str) -> list[str] | None:
    """The words of names that begin so; None when they are too many to be named, or none: what no one has is looked for
    all the same, which takes no time, rather than trusting that every word there is was stored."""
    words = list((await db.execute(_BEGINNING, {"begun": begun, "limit": MAX_ENDINGS + 1})).scalars())
    return words if 0 < len(words) <= MAX_ENDINGS else None


async def _found(db: Db, statement: Any, params: dict[str, Any]) -> list[Found]:
    return [Found(*row) for row in await db.execute(statement, params)]


def _folio(typed: str) -> str | None:
    try:
        return ids.parse_folio(typed)
    except ValueError:
        return None


def _number(typed: str) -> str | None:
    try:
        return parse_identifier(typed)
    except ValueError:
        return None


MAX_WORD_LENGTH = 40
MAX_WORDS, MAX_TYPED = 40, 8
"""Of a name, which ends with its surnames, and of what is typed."""


def folded(text: str) -> list[str]:
    """The words of a name: «Núñez Peña» is `nunez`, `pena`."""
    return [word[:MAX_WORD_LENGTH] for word in search_words(text)][:MAX_WORDS]


def vector(text: str, unit: str | None) -> str:
    """The text of a PostgreSQL `tsvector`: each word, and the unit as a word of its own."""
    words = [*folded(text), *([f"@{unit}"] if unit else [])]
    return " ".join(f"'{word}'" for word in dict.fromkeys(words))


def query(words: Sequence[str], endings: Collection[str] | None, *units: str) -> str:
    """The text of a `tsquery`: all the words, the last one perhaps unfinished, and one of the units if any is named.

    Args:
        words: at least one, folded.
        endings: the words that begin like the last; None: whichever begin so. Named, they are looked up one by one,
            which takes a quarter of the time of gathering all that begins alike.
    """
    last = f"'{words[-1]}':*" if endings is None else _any_of(endings)
    parts = [*(f"'{word}'" for word in words[:-1]), last]
    if units:
        parts.append(_any_of(f"@{unit}" for unit in units))
    return " & ".join(parts)


def _any_of(words: Iterable[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return f"({' | '.join(quoted)})" if len(quoted) > 1 else quoted[0]
