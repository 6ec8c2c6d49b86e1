"""What the tests of requests share: people with a past at work, a look into the tables, a day and hour to travel to."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select, text

from app.catalog.loader import definition_of, load_services
from app.catalog.models import ServiceVersion
from app.kernel import clock
from app.kernel.actor import Role, System
from app.kernel.events import EventRow
from app.law import service as law
from app.law.definitions import Row as FigureRow
from app.places.models import Unit
from app.registry.models import Person
from app.requests.models import Request, WorkItem
from tests.appointments import factories as places
from tests.requests import actors
from tests.requests.conftest import Scene

TODAY = clock.today("America/Mexico_City")
LEAVES = [(date(1985, 1, 1), date(2015, 12, 31))]
"""Thirty years of work, ended long ago: no rights in force, and weeks enough for any pension."""
PENSION: dict[str, Any] = {"pension": "old-age", "clabe": actors.CLABE, "household": "alone"}
STORY: dict[str, Any] = {"about": "complaint", "story": "La farmacia estaba cerrada."}
Row = TypeVar("Row")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def noon(day: date) -> datetime:
    """Noon of that day in Mexico City."""
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def failed(request: dict[str, Any]) -> set[str]:
    """The rules that didn't pass."""
    return {check["rule"] for check in request["checks"] if check["outcome"] != "pass"}


async def create_person(
    scene: Scene, *worked: tuple[date, date | None], unit: Unit | None = None, **about: Any
) -> actors.Citizen:
    """A citizen of the scene's unit; with periods of work, those alone."""
    about = {"insured": not worked} | about
    async with scene.db.transaction() as session:
        who = await actors.person(session, unit or scene.unit, **about)
        for number, (starts_on, ends_on) in enumerate(worked):
            await places.affiliate(session, who, starts_on=starts_on, ends_on=ends_on, employer=f"E{number}")
    return actors.Citizen(scene.client, who.id)


async def old_worker(scene: Scene, **about: Any) -> actors.Citizen:
    """Someone of seventy who may have a pension."""
    return await create_person(scene, *LEAVES, **({"birth_on": date(1955, 3, 4)} | about))


async def complain(scene: Scene, by: actors.Citizen | None = None, **answers: Any) -> str:
    """The folio of a request that waits for an officer."""
    request = await (by or scene.citizen).submit_request("complaint", **(STORY | answers))
    assert request["kind"] == "review", request
    folio: str = request["folio"]
    return folio


async def unit(scene: Scene, name: str = "UMF 2") -> Unit:
    async with scene.db.transaction() as session:
        return await places.unit(session, name=name)


async def hire(scene: Scene, role: Role, *units: Unit) -> actors.Officer:
    """A member of staff; of the scene's unit when none is named."""
    return await actors.hire(scene.db, scene.client, role, *(units or (scene.unit,)))


async def row(scene: Scene, folio: str) -> Request:
    """The request as it is in the table."""
    async with scene.db.transaction() as session:
        found = await session.scalar(select(Request).where(Request.folio == folio))
    assert found is not None
    return found


async def item(scene: Scene, folio: str) -> WorkItem | None:
    """Its row of open work."""
    async with scene.db.transaction() as session:
        found: WorkItem | None = await session.scalar(select(WorkItem).where(WorkItem.folio == folio))
    return found


async def change(scene: Scene, folio: str, **values: Any) -> None:
    """Write into the request, as time or another program would."""
    async with scene.db.transaction() as session:
        found = await session.scalar(select(Request).where(Request.folio == folio))
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


async def change_item(scene: Scene, folio: str, **values: Any) -> None:
    """Write into its row of open work."""
    async with scene.db.transaction() as session:
        found = await session.scalar(select(WorkItem).where(WorkItem.folio == folio))
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


async def facts(scene: Scene, folio: str, kind: str) -> list[EventRow]:
    """What the event log has of it, of this type."""
    async with scene.db.transaction() as session:
        wanted = select(EventRow).where(EventRow.type == kind, EventRow.payload["folio"].astext == folio)
        return list((await session.scalars(wanted.order_by(EventRow.id))).all())


async def how_many(scene: Scene, table: type[Any], *where: Any) -> int:
    async with scene.db.transaction() as session:
        found: int | None = await session.scalar(select(func.count()).select_from(table).where(*where))
    return found or 0


async def run(scene: Scene, statement: str) -> None:
    """A statement outside the program: to take a guard away and see what it guards."""
    async with scene.db.transaction() as session:
        await session.execute(text(statement))


async def publish(scene: Scene, service: str, version: int, **parts: Any) -> None:
    """Store another version of a service, different in these parts. Versions stay for good in the process, so each
    test takes a number of its own."""
    definition = definition_of(load_services()[service]) | {"version": version} | parts
    async with scene.db.transaction() as session:
        session.add(
            ServiceVersion(
                service=service, version=version, digest="-", definition=definition, published_at=clock.now()
            )
        )


async def person(scene: Scene, citizen: actors.Citizen) -> Person:
    async with scene.db.transaction() as session:
        found = await session.get(Person, citizen.person_id)
    assert found is not None
    return found


def only(rows: Sequence[Row]) -> Row:
    """The one there is."""
    (one,) = rows
    return one


async def set_figure(scene: Scene, name: str, first: date, **given: Any) -> None:
    """A figure of law of the tests, from a day on: `value=` a number, or `table=` rows by age."""
    row = FigureRow.model_validate({"from": first, "source": "Tests", "certainty": "confirmed"} | given)
    async with scene.db.transaction() as session:
        await law.set_figure(session, System("tests"), name, row)
