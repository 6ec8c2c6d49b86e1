"""What the tests of registrations that the relative asks for share: both people, and what each kinship answers."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.registry.models import Dependant, Person
from tests.appointments import factories as places
from tests.registry.files import nss
from tests.requests import actors, steps
from tests.requests.conftest import Scene

SERVICE = "dependant-add"
PROVED = "kinship-proved"
BORN = date(1991, 3, 4)
_serial = iter(range(1_000_000, 2_000_000))  # numbers beyond those of `factories.person`
KINSHIPS: dict[str, tuple[date, dict[str, Any]]] = {
    "spouse": (BORN, {}),
    "civil-union": (BORN, {}),
    "partner": (BORN, {"partnership": "five-years", "both_unmarried": True}),
    "parent": (date(1960, 1, 1), {"lives_with_me": True}),
    "child": (date(2007, 6, 1), {"situation": "disability"}),
}
"""The birth date of an applicant of each kinship, and what is asked of it besides. The holder was born in 1985."""


async def holder(scene: Scene, **about: Any) -> Person:
    """Someone insured with a number that could be one, as those who apply would type it."""
    async with scene.db.transaction() as session:
        about = {"birth_on": date(1985, 1, 2)} | about
        who = await actors.person(session, scene.unit, nss=False, **about)
        who.nss = nss(next(_serial))
        who.given_names, who.first_surname, who.second_surname = "Xochiquetzal", "Zorrilla", "Quintanar"
    return who


async def applicant(scene: Scene, birth_on: date = BORN) -> actors.Citizen:
    """Someone known to the registry who has no insurance of their own."""
    async with scene.db.transaction() as session:
        who = await actors.person(session, scene.unit, birth_on=birth_on, insured=False, nss=False)
        who.given_names = "Teodora"
    return actors.Citizen(scene.client, who.id)


async def person(scene: Scene, person_id: UUID) -> Person:
    async with scene.db.transaction() as session:
        return await session.get_one(Person, person_id)


async def depend(scene: Scene, on: Person, who: UUID, kinship: str, **dates: date | None) -> None:
    """A registration that is in the registry already."""
    async with scene.db.transaction() as session:
        values = {"starts_on": date(2020, 1, 1)} | dates
        session.add(Dependant(holder_id=on.id, person_id=who, kinship=kinship, **values))


def asked(kinship: str, named: str | None) -> dict[str, Any]:
    """The answers of who asks to be registered with the holder of this number or CURP."""
    return {"asked_by": "relative", "kinship": kinship, "holder": named, **KINSHIPS[kinship][1]}


async def ask(scene: Scene, by: actors.Citizen, named: str | None, kinship: str = "spouse") -> str:
    """The folio of such a request, which waits for an officer."""
    done = await by.submit_request(SERVICE, **asked(kinship, named))
    assert done["kind"] == "review", done
    folio: str = done["folio"]
    return folio


async def approve(scene: Scene, folio: str, by: actors.Officer | None = None) -> dict[str, Any]:
    officer = by or scene.officer
    await officer.claim(folio)
    decided = await officer.decide(folio, "approve", PROVED)
    answer: dict[str, Any] = decided.json()
    return answer


async def links(scene: Scene) -> list[Dependant]:
    """All registrations there are."""
    async with scene.db.transaction() as session:
        return list((await session.scalars(select(Dependant).order_by(Dependant.starts_on))).all())


VOLATILE = re.compile(
    r"R-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]"  # a folio
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d{2}-\d{2}T[0-9:.]+(Z|[+-]\d\d:\d\d)"
    r"|\d{1,2}:\d{2}\b|data-seconds=\"\d+\""
    r"|value=\"[A-Za-z0-9_-]{20,}\""  # tokens, keys and digests of a form
    r"|data-last=\"[0-9a-f-]+\""  # where the page's stream begins
)


def plain(body: str, *typed: str) -> str:
    """A page or an answer without what differs between any two requests: folio, ids, moments, and what was typed."""
    for one in typed:
        body = body.replace(one, "#")
    return VOLATILE.sub("~", body)


async def variants(scene: Scene) -> dict[str, str]:
    """Numbers of people of every kind that the applicant must not tell apart."""
    insured, taken, young = await holder(scene), await holder(scene), await holder(scene, birth_on=date(2012, 1, 1))
    never = await holder(scene, insured=False)
    spouse = await applicant(scene)
    await depend(scene, taken, spouse.person_id, "spouse")
    unknown = nss(next(_serial))
    numbers = {"insured": insured, "taken": taken, "young": young, "never": never}
    return {name: str(one.nss) for name, one in numbers.items()} | {"unknown": unknown}


async def working(scene: Scene, who: Person) -> None:
    """This person works from today on."""
    async with scene.db.transaction() as session:
        found = await session.get_one(Person, who.id)
        await places.affiliate(session, found, starts_on=steps.ago(900), employer="E9")
