"""Requests in every state, and those who make them: what the tests of several packages build alike."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import time_machine
from sqlalchemy import select

from app.appointments.models import Appointment
from app.identity.models import Account
from app.kernel import clock, ids
from app.kernel.consumers import Event
from app.places.models import Unit
from app.registry.models import (
    Coverage,
    Panel,
    Person,
)
from app.requests import jobs
from app.requests.models import WorkItem
from tests.appointments import factories as places
from tests.law import factories as law
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import ago


async def clinic(scene: Scene, *, postal_code: str = "06700", capacity: int = 10, assigned: int = 0) -> str:
    async with scene.db.transaction() as session:
        unit = await places.unit(session, name="UMF 2")
        session.add(Coverage(postal_code=postal_code, unit_id=unit.id))
        session.add(Panel(unit_id=unit.id, shift="V", room=3, capacity=capacity, assigned=assigned))
    return str(unit.id)


async def correction(scene: Scene, who: actors.Citizen | None = None, **answers: Any) -> str:
    """A correction that waits for an officer."""
    asked = answers or actors.NAME
    done = await (who or scene.citizen).submit_request("data-correct", **asked)
    folio: str = done["folio"]
    return folio


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


UNEMPLOYED: dict[str, Any] = {"afore": "AFORE Uno", "clabe": actors.CLABE, "understands_weeks": True}


async def set_fees(scene: Scene) -> None:
    """The fees of the year to come, as an administrator sets them."""
    rows = [(0, 8900), (20, 11100), (30, 11850), (40, 13800)]
    table = [(age, Decimal(amount)) for age, amount in rows]
    await law.put(scene.db, "family-insurance-fees", law.row(None, ago(30), ago(-335), table=table))


def wall(day: date, hour: int, minute: int, zone: str) -> time_machine.travel:
    return time_machine.travel(datetime.combine(day, time(hour, minute), ZoneInfo(zone)), tick=True)


BLANK: dict[str, Any] = dict.fromkeys(Event.__dataclass_fields__)


IN_A_YEAR = steps.TODAY + timedelta(days=365)


async def depends(scene: Scene, on: actors.Citizen, *, ends_on: date | None = None) -> actors.Citizen:
    """A new person who depends on that one."""
    who = await steps.create_person(scene, insured=False)
    async with scene.db.transaction() as session:
        holder = await steps.person(scene, on)
        await places.depend(session, holder, await steps.person(scene, who), ends_on=ends_on)
    return who


async def agent(scene: Scene) -> actors.Citizen:
    """Someone else, with an account as the first sign-in leaves it (`tests/identity/sign_in.py` signs in)."""
    who = await steps.create_person(scene)
    async with scene.db.transaction() as session:
        person = await steps.person(scene, who)
        session.add(
            Account(
                person_id=who.person_id,
                curp=person.curp,
                email="x@ejemplo.mx",
                created_at=clock.now(),
                assurance="full",
            )
        )
    return who


async def consent(scene: Scene, to: actors.Citizen, *services: str, ends_on: date = IN_A_YEAR) -> str:
    """Ana lets someone file these services for her; the id of the consent."""
    body = {"delegate_curp": (await steps.person(scene, to)).curp, "services": services, "ends_on": ends_on.isoformat()}
    given = await scene.client.post("/api/v1/mandates", json=body, headers=scene.citizen.keyed())
    assert given.status_code == 201, given.text
    made: str = given.json()["id"]
    return made


async def approve(scene: Scene, folio: str, reason: str = "documents-agree") -> dict[str, Any]:
    await scene.officer.claim(folio)
    answer = await scene.officer.decide(folio, "approve", reason)
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, answer.text
    return found


async def ana(scene: Scene) -> Person:
    return await steps.person(scene, scene.citizen)


async def found_by(scene: Scene, words: str) -> set[str]:
    answer = await scene.client.post("/api/v1/work/search", json={"q": words}, headers=scene.officer.headers)
    return {one["folio"] for one in answer.json()}


BRING = "Traiga su identificación."


async def window(scene: Scene, unit: Unit | None = None, *, room: int = 1, count: int = 2) -> list[str]:
    """Times at the window, tomorrow."""
    async with scene.db.transaction() as session:
        times = await places.seats(session, unit or scene.unit, room=room, count=count, service="window")
    return [time.isoformat() for time in times]


async def visit(
    officer: actors.Officer, folio: str, start_at: str, *, unit: Unit, room: int = 1, key: str | None = None
) -> httpx.Response:
    body = {"unit_id": str(unit.id), "room": room, "start_at": start_at, "message": BRING}
    return await officer.post(f"{folio}/visit", body, key=key)


async def asked(scene: Scene, who: actors.Citizen | None = None) -> str:
    """A pension that waits for an officer."""
    done = await (who or await steps.old_worker(scene)).submit_request("pension", **steps.PENSION)
    assert done["kind"] == "review", done["checks"]
    folio: str = done["folio"]
    return folio


async def appointments(scene: Scene) -> list[Appointment]:
    async with scene.db.transaction() as session:
        return list((await session.scalars(select(Appointment))).all())


async def waiting(scene: Scene, who: actors.Citizen | None = None, **more: Any) -> str:
    folio = await steps.complain(scene, who or await steps.create_person(scene, **more))
    await scene.officer.claim(folio)
    done = await scene.officer.post(f"{folio}/ask", {"body": "¿Qué día fue?"})
    assert done.status_code == 200, done.text
    return folio


async def to_visit(scene: Scene) -> tuple[str, datetime]:
    folio = await asked(scene, await steps.old_worker(scene))
    (start_at, _other) = await window(scene)
    await scene.officer.claim(folio)
    booked = await visit(scene.officer, folio, start_at, unit=scene.unit)
    assert booked.status_code == 201, booked.text
    return folio, datetime.fromisoformat(booked.json()["start_at"])


async def refused_by(scene: Scene, by: actors.Officer, of: actors.Citizen | None = None) -> str:
    folio = await steps.complain(scene, of)
    await by.claim(folio)
    done = await by.decide(folio, "refuse", "not-ours", message="No es de aquí.")
    assert done.json()["outcome"] == "refused", done.text
    return folio


async def appealed(scene: Scene, by: actors.Officer, of: actors.Citizen | None = None) -> str:
    folio = await refused_by(scene, by, of)
    sent = await (of or scene.citizen).post(folio, "appeal", body="Sí es suyo.")
    assert sent.json()["status"] == "appealed", sent.text
    return folio


async def ended(scene: Scene, how: str, who: actors.Citizen | None = None) -> str:
    who = who or scene.citizen
    if how == "lapsed":
        folio = await waiting(scene, who)
        await steps.change(scene, folio, answer_by=date(2020, 1, 1))
        assert await jobs.lapse_batch() == 1
        return folio
    folio = await steps.complain(scene, who)
    if how == "withdrawn":
        await who.post(folio, "withdraw")
        return folio
    await scene.officer.claim(folio)
    done = await scene.officer.decide(folio, "approve" if how == "approved" else "refuse", REASON[how])
    assert done.json()["outcome"] == how, done.text
    return folio


REASON = {"approved": "answered", "refused": "not-ours"}


async def fill(scene: Scene, count: int) -> set[str]:
    """Submit complaints of as many people of the scene's unit; return their folios."""
    return {await steps.complain(scene, await steps.create_person(scene)) for _ in range(count)}


async def pile_up(scene: Scene, count: int, *, role: str = "officer") -> set[str]:
    """Put rows into the queue of the scene's unit, without requests; return their folios. Hundreds of requests would
    take a minute to submit, and one for a supervisor two decisions more."""
    folios = [ids.new_folio("R") for _ in range(count)]
    due_on = steps.TODAY + timedelta(days=5)
    async with scene.db.transaction() as session:
        session.add_all(
            WorkItem(
                unit_id=scene.unit.id,
                request_id=ids.new_id(),
                person_id=scene.ana.id,
                folio=folio,
                service="complaint",
                role=role,
                rank_on=due_on,
                due_on=due_on,
                submitted_at=clock.now(),
                language="es",
            )
            for folio in folios
        )
    return set(folios)


async def taken(officer: actors.Officer) -> list[str]:
    """Folios the officer gets one after the other until there is none."""
    found: list[str] = []
    while (answer := await officer.post("claim")).status_code == 200:
        found.append(answer.json()["folio"])
    assert answer.json()["type"] == "/problems/queue-empty", answer.text
    return found


async def find(scene: Scene, typed: str, officer: actors.Officer | None = None) -> list[str]:
    """Folios found by what was typed."""
    answer = await scene.client.post(
        "/api/v1/work/search", json={"q": typed}, headers=(officer or scene.officer).headers
    )
    assert answer.status_code == 200, answer.text
    return [one["folio"] for one in answer.json()]


async def named(scene: Scene, given_names: str, first_surname: str, second_surname: str | None = None) -> str:
    """The folio of a request of someone of this name."""
    who = await steps.create_person(
        scene, given_names=given_names, first_surname=first_surname, second_surname=second_surname
    )
    return await steps.complain(scene, who)


async def line(scene: Scene, folio: str, reason: str, *, preview: bool = True) -> dict[str, Any]:
    body = {"folios": [folio], "action": "approve", "reasons": [reason], "preview": preview}
    found: dict[str, Any] = (await scene.officer.post("bulk", body)).json()[0]
    return found
