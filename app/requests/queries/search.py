"""Search over every submitted request: by folio, CURP, NSS or words of a name, without minding accents."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.kernel import ids
from app.kernel.actor import Staff
from app.kernel.i18n import N_
from app.kernel.parsing import is_digits, plain_identifier
from app.kernel.problems import FieldError
from app.kernel.search_text import search_words
from app.registry.sign_in import parse_identifier
from app.requests.models import FOLIO_PREFIX
from app.requests.problems import NothingToSearch
from app.requests.queries.queue import units_of

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


_FOUND = """
    SELECT r.folio, r.service, r.status, r.kind, r.outcome, r.person_id,
        concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name, p.curp, r.unit_id,
        r.submitted_at, r.due_on
    FROM {source} r JOIN person p ON p.id = r.person_id ORDER BY r.submitted_at DESC
"""
_VISIBLE = "r.kind <> 'draft' AND (CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[])))"
_BY_FOLIO = text(_FOUND.format(source=f"(SELECT * FROM request r WHERE r.folio = :folio AND {_VISIBLE})"))
_BY_PERSON = text(
    _FOUND.format(
        source=f"""(SELECT r.* FROM person q JOIN request r ON r.person_id = q.id
        WHERE ((q.curp = :number AND q.declared_at IS NULL) OR (q.curp = :number AND q.declared_at IS NOT NULL)
            OR q.nss = :number OR q.id = (SELECT f.person_id FROM former_curp f WHERE f.curp = :number))
            AND {_VISIBLE} ORDER BY r.submitted_at DESC LIMIT :limit)"""
    )
)
# First among the newest, where a frequent name is found at once: the index of words has to gather every place of a word
# before it gives one, a quarter of a million of María. When they are too few it is asked for the words as they are, and
# only when no one has those, for all that begin like the last: gathering these costs several times as much.
# Each part is planned by itself, for all its rows (MATERIALIZED), and read only as far as is needed: planned for the
# first fifty, it would read the whole table for a name it takes to be frequent and no one has.
_BY_NAME = """
    WITH latest AS MATERIALIZED (
        SELECT {columns} FROM ({newest}) r WHERE r.search @@ CAST(:begun AS tsquery)
    ), whole AS MATERIALIZED (
        SELECT {columns} FROM request r
        WHERE r.search @@ CAST(:whole AS tsquery) AND {visible} AND (SELECT count(*) FROM latest) < :limit
    ), begun AS MATERIALIZED (
        SELECT {columns} FROM request r
        WHERE r.search @@ CAST(:begun AS tsquery) AND {visible} AND (SELECT count(*) FROM latest) < :limit
            AND NOT EXISTS (SELECT FROM whole)
    )
    {found}
"""
# Words are of a-z and 0-9, compared letter by letter: what begins alike ends before the next sign, `{`.
_BEGINNING = text("SELECT word FROM name_word WHERE word >= :begun AND word < CAST(:begun AS text) || '{' LIMIT :limit")
_COLUMNS = "r.id, r.folio, r.service, r.status, r.kind, r.outcome, r.person_id, r.unit_id, r.submitted_at, r.due_on"
_TOGETHER = """
    (SELECT * FROM (
        SELECT * FROM latest UNION (SELECT * FROM whole LIMIT :limit) UNION (SELECT * FROM begun LIMIT :limit)
    ) f ORDER BY f.submitted_at DESC LIMIT :limit)
"""
_NEWEST = """
    SELECT * FROM request WHERE {where} AND submitted_at IS NOT NULL ORDER BY submitted_at DESC LIMIT :newest
"""
_NEWEST_OF_UNITS = f"""
    SELECT n.* FROM unnest(CAST(:units AS uuid[])) u (id)
        CROSS JOIN LATERAL ({_NEWEST.format(where="unit_id = u.id")}) n
"""
# By some letters of a folio: its first, by the index, or any in a row among the newest; by the first of a CURP.
_BY_PART = f"""
    WITH partial AS MATERIALIZED (
        (SELECT {_COLUMNS} FROM unnest(CAST(:begins AS text[])) b (begun) CROSS JOIN LATERAL (
            SELECT * FROM request r
            WHERE r.folio ~>=~ b.begun AND r.folio ~<~ (b.begun || '~') AND {_VISIBLE} LIMIT :limit) r)
        UNION (SELECT {_COLUMNS} FROM ({{newest}}) r
            WHERE replace(r.folio, '-', '') LIKE '%' || CAST(:part AS text) || '%' LIMIT :limit)
        UNION (SELECT {_COLUMNS} FROM (
            SELECT id FROM person WHERE curp >= CAST(:curp AS text) AND curp < CAST(:curp AS text) || '~'
            ORDER BY curp LIMIT :people) q
            JOIN request r ON r.person_id = q.id WHERE {_VISIBLE} ORDER BY r.submitted_at DESC LIMIT :limit)
    )
    {_FOUND.format(source="(SELECT * FROM partial f ORDER BY f.submitted_at DESC LIMIT :limit)")}
"""
_BY_PART_ANYWHERE = text(_BY_PART.format(newest=_NEWEST.format(where="true")))
_BY_PART_AT_UNITS = text(_BY_PART.format(newest=_NEWEST_OF_UNITS))
_NAME_PARTS = {"columns": _COLUMNS, "visible": _VISIBLE, "found": _FOUND.format(source=_TOGETHER)}
_BY_NAME_ANYWHERE = text(_BY_NAME.format(newest=_NEWEST.format(where="true"), **_NAME_PARTS))
_BY_NAME_AT_UNITS = text(_BY_NAME.format(newest=_NEWEST_OF_UNITS, **_NAME_PARTS))


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
        raise NothingToSearch(fields=[FieldError("q", NothingToSearch.title)])
    by_name = await _by_name(db, words, units)
    if not by_name and has_digits and len("".join(words)) < MIN_OF_FOLIO:
        raise NothingToSearch(detail=TOO_LITTLE, fields=[FieldError("q", TOO_LITTLE)])
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
    return await _found(db, _BY_PART_ANYWHERE if units is None else _BY_PART_AT_UNITS, params)


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
    if units is None:
        return await _found(db, _BY_NAME_ANYWHERE, params | {"newest": NEWEST})
    return await _found(db, _BY_NAME_AT_UNITS, params | {"newest": max(1, NEWEST // len(units))})


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
