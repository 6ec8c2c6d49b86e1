"""Patients that a person may read, and which of them a search asks for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.interop.fhir.resources.people import patient
from app.interop.fhir.search import Search, Token
from app.kernel import clock
from app.kernel.actor import Assurance, Citizen
from app.kernel.parsing import iso_date
from app.kernel.problems import NotFound
from app.places.queries import units_by_id
from app.registry.queries import FamilyMember, family_of

Resource = dict[str, Any]


async def family_resources(session: AsyncSession, actor: Citizen, family: Sequence[FamilyMember]) -> list[Resource]:
    """The people of a family as patients."""
    ids = {one.person.unit_id for one in family if one.person.unit_id is not None}
    units = {one.id: one for one in await units_by_id(session, ids)}
    is_known = actor.assurance is Assurance.FULL
    return [patient(one.person, units.get(one.person.unit_id or UUID(int=0)), is_known=is_known) for one in family]


async def read_patient(session: AsyncSession, actor: Citizen, id_: str) -> Resource:
    """The person who asks, or a dependant that they act for.

    Raises:
        NotFound: it is no one whom they act for.
    """
    family = [one for one in await family_of(session, actor) if str(one.person.id) == id_]
    if not family:
        raise NotFound
    return (await family_resources(session, actor, family))[0]


def identifiers_of(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The systems and values of a resource's identifiers."""
    return [(one["system"], one["value"]) for one in resource.get("identifier", [])]


def has_identifier(resource: Mapping[str, Any], tokens: Sequence[Token]) -> bool:
    """Whether a resource has one of these identifiers."""
    return any(token.value and token.is_one_of(*identifiers_of(resource)) for token in tokens)


def is_searched(resource: Mapping[str, Any], search: Search) -> bool:
    """Whether a patient is what every term asks for."""
    name = (resource.get("name") or [{}])[0]
    family, given = name.get("family"), name.get("given", [])
    texts = {"family": [family], "given": given, "name": [family, *given, name.get("text")]}
    for term in search.terms:
        tokens = term.tokens()
        if term.name in texts and not term.matches_text(*texts[term.name]):
            return False
        if term.name == "_id" and resource["id"] not in term.values:
            return False
        if term.name == "identifier" and has_identifier(resource, tokens) is (term.modifier == "not"):
            return False
        if term.name == "gender":
            is_it = any(token.value == resource.get("gender") for token in tokens)
            if is_it is (term.modifier == "not"):
                return False
    return _is_born(resource.get("birthDate"), search)


def _is_born(birth_date: str | None, search: Search) -> bool:
    terms = search.dates.get("birthdate", ())
    if not terms:
        return True
    if birth_date is None:
        return False
    # A day of the calendar, of no clock: compared with others at midnight of one.
    midnight = datetime.combine(iso_date(birth_date), time(), UTC)
    return all(term.matches(midnight, "UTC", clock.now()) for term in terms)
