"""What the tests of services share: people with a history, relatives, what was stored of a result."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.catalog.rules.eligibility.registry import RULES
from app.kernel import clock
from app.registry.models import Dependant, Person
from app.requests.models import Request
from tests.appointments import factories as places
from tests.requests import actors
from tests.requests.conftest import Scene

TODAY = clock.today("America/Mexico_City")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def failed(request: dict[str, Any]) -> set[str]:
    """The rules that didn't pass, but for those whose findings only staff are shown."""
    return {
        check["rule"]
        for check in request["checks"]
        if check["outcome"] != "pass" and not RULES[check["rule"]].concerns_others
    }


async def found_by_staff(scene: Scene, folio: str) -> set[str]:
    """The rules that didn't pass, as an officer sees them."""
    answer = await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)
    assert answer.status_code == 200, answer.text
    return {check["rule"] for check in answer.json()["checks"] if check["outcome"] != "pass"}


async def create_person(scene: Scene, **about: Any) -> actors.Citizen:
    async with scene.db.transaction() as session:
        who = await actors.person(session, scene.unit, **about)
    return actors.Citizen(scene.client, who.id)


async def worked(scene: Scene, citizen: actors.Citizen, *periods: tuple[date, date | None]) -> None:
    async with scene.db.transaction() as session:
        who = await session.get(Person, citizen.person_id)
        assert who is not None
        for number, (starts_on, ends_on) in enumerate(periods):
            await places.affiliate(session, who, starts_on=starts_on, ends_on=ends_on, employer=f"E{number}")


async def relative(scene: Scene, birth_on: date, *, of: actors.Citizen | None = None, kinship: str = "child") -> str:
    async with scene.db.transaction() as session:
        who = await actors.person(session, scene.unit, birth_on=birth_on, insured=False, nss=False)
        if of is not None:
            session.add(Dependant(holder_id=of.person_id, person_id=who.id, kinship=kinship, starts_on=ago(100)))
    return who.curp


async def stored(scene: Scene, folio: str) -> dict[str, Any]:
    async with scene.db.transaction() as session:
        result: dict[str, Any] | None = await session.scalar(select(Request.result).where(Request.folio == folio))
    assert result is not None
    return result
