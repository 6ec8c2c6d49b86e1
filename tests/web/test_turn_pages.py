"""The page of a turn: where one stands and where to go, in both languages, and nothing about the person."""

import re
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.desk.rules.tickets import LeftBecause
from app.desk.service import calls, counters, departures
from app.desk.service.arrivals import NewTicket
from app.desk.service.forecasts import count_forecasts
from app.desk.service.tickets import TicketRef
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.actor import Role
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import SERVICE, Clinic, clinic, open_all, walk_in
from tests.web.browser import signed_in_browser
from tests.web.factories import hire, said_by

_keys = count()


@pytest.fixture
async def here(db: Database) -> Clinic:
    """A clinic with one open window."""
    async with db.transaction() as session:
        made = await clinic(session)
        await open_all(session, made)
        return made


async def arrive(db: Database, here: Clinic) -> NewTicket:
    async with db.transaction() as session:
        return await walk_in(session, here)


async def call(here: Clinic) -> TicketRef:
    made = await calls.call_next(kernel_db.grouped_statements(), here.desk.staff_id, f"turn-{next(_keys):06d}")
    return TicketRef(here.unit.id, made.id)


async def ticket_that_may_be_called_at_once(
    client: httpx.AsyncClient, db: Database, here: Clinic
) -> tuple[NewTicket, dict[str, int]]:
    """The only counter is paused. Each ticket has random numbers of its own: some ranges begin at a minute."""
    async with db.transaction() as session:
        await counters.pause_counter(session, here.desk)
    for _ in range(40):
        given = await arrive(db, here)
        forecast = (await client.get(f"/api/v1/turns/{given.code}")).json()["forecast"]
        if forecast["low"] == 0:
            return given, forecast
        async with db.transaction() as session:
            await departures.leave(session, here.desk, TicketRef(here.unit.id, given.id), LeftBecause.GAVE_UP)
    raise AssertionError("no range begins at once")


async def test_a_range_that_begins_at_once_is_said_by_its_end(
    app: FastAPI, client: httpx.AsyncClient, db: Database, here: Clinic
) -> None:
    given, forecast = await ticket_that_may_be_called_at_once(client, db, here)
    assert forecast["high"] > 5
    said = said_by((await client.get(f"/turno/{given.code}")).text)
    assert f"Lo llamamos en {forecast['high']} minutos como mucho" in said
    assert "Una de cada diez esperas es más larga" in said
    assert f"within {forecast['high']} minutes at most" in said_by((await client.get(f"/en/turno/{given.code}")).text)
    reception = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
    slip = await reception.get(f"/ventanilla/recepcion/turno/{given.id}")
    assert f"Espera de {forecast['high']} minutos como mucho." in said_by(slip.text)


async def test_who_waits_sees_their_place_and_the_range(client: httpx.AsyncClient, db: Database, here: Clinic) -> None:
    for _ in range(5):
        await arrive(db, here)
    given = await arrive(db, here)
    page = await client.get(f"/turno/{given.code}")
    said = said_by(page.text)
    assert "Turno A-006" in said
    assert "5 personas antes" in said
    assert given.forecast is not None
    assert f"Lo llamamos en {given.forecast.low} a {given.forecast.high} minutos" in said
    assert page.headers["Refresh"] == "20"
    assert 'content="noindex"' in page.text
    assert "no-store" in page.headers["Cache-Control"]
    stays = await client.get(f"/turno/{given.code}?fija=1")
    assert "Refresh" not in stays.headers
    assert "5 people before you" in said_by((await client.get(f"/en/turno/{given.code}")).text)


async def test_the_page_never_says_who_or_what_for(client: httpx.AsyncClient, db: Database, here: Clinic) -> None:
    async with db.transaction() as session:
        person = await places.person(session)
    given = await arrive(db, here)
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE desk_ticket SET person_id = :person WHERE id = :id"), {"person": person.id, "id": given.id}
        )
    for path in (f"/turno/{given.code}", f"/api/v1/turns/{given.code}"):
        answer = (await client.get(path)).text
        for secret in (person.given_names, person.curp, SERVICE, "edicina", str(given.id)):
            assert secret not in answer, f"{path} shows {secret}"


async def test_who_is_called_sees_where_to_go_and_then_that_it_is_over(
    client: httpx.AsyncClient, db: Database, here: Clinic
) -> None:
    given = await arrive(db, here)
    seen: list[str] = []

    async def look() -> None:
        page = await client.get(f"/turno/{given.code}")
        assert ("Refresh" in page.headers) is ("terminó" not in page.text)
        seen.append(said_by(page.text))

    await look()
    at = await call(here)
    await look()
    async with db.transaction() as session:
        await calls.serve(session, here.desk, at)
    await look()
    async with db.transaction() as session:
        await calls.finish(session, here.desk, at)
    await look()
    expected = ("Usted sigue", "Pase a Ventanilla 1", "Lo atienden en Ventanilla 1", "Su turno terminó")
    for said, sentence in zip(seen, expected, strict=True):
        assert sentence in said
    async with db.transaction() as session:
        tomorrow = clock.now() + timedelta(days=1)
    with time_machine.travel(tomorrow):
        assert (await client.get(f"/turno/{given.code}")).status_code == 404


@pytest.mark.parametrize(
    ("because", "sentence"),
    [
        ("no-answer", "Lo llamamos y no contestó"),
        ("gave-up", "Avisó que se iba"),
        ("redirected", "Lo mandaron a otro lugar"),
        ("closed", "No cuenta como falta"),
    ],
)
async def test_who_left_reads_why(
    client: httpx.AsyncClient, db: Database, here: Clinic, because: str, sentence: str
) -> None:
    given = await arrive(db, here)
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE desk_ticket SET status = 'left', left_because = :because, ended_at = now() WHERE id = :id"),
            {"because": because, "id": given.id},
        )
    page = await client.get(f"/turno/{given.code}")
    assert sentence in said_by(page.text)
    assert "Refresh" not in page.headers


async def test_a_ticket_put_aside_holds_its_place(client: httpx.AsyncClient, db: Database, here: Clinic) -> None:
    given = await arrive(db, here)
    async with db.transaction() as session:
        await departures.park(session, here.desk, TicketRef(here.unit.id, given.id))
    assert "Su lugar está guardado" in said_by((await client.get(f"/turno/{given.code}")).text)


async def test_without_an_open_window_there_is_a_place_and_no_range(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        closed = await clinic(session)
        given = await walk_in(session, closed)
    said = said_by((await client.get(f"/turno/{given.code}")).text)
    assert "Usted sigue" in said
    assert "no hay ventanilla abierta" in said
    assert (await client.get(f"/api/v1/turns/{given.code}")).json()["forecast"] is None


async def test_a_code_that_no_ticket_has_is_not_found(client: httpx.AsyncClient) -> None:
    for code in ("0" * 32, "A-001", "x" * 60):
        page = await client.get(f"/turno/{code}")
        assert page.status_code == 404
        assert "No encontramos ese turno" in said_by(page.text)
        assert (await client.get(f"/api/v1/turns/{code}")).status_code == 404


async def test_programs_are_told_the_same(client: httpx.AsyncClient, db: Database, here: Clinic) -> None:
    first, second = await arrive(db, here), await arrive(db, here)
    turn: dict[str, Any] = (await client.get(f"/api/v1/turns/{second.code}")).json()
    assert (turn["number"], turn["status"], turn["place"], turn["counter"]) == ("A-002", "waiting", 2, None)
    assert set(turn["forecast"]) == {"low", "median", "high"}
    await call(here)
    turn = (await client.get(f"/api/v1/turns/{first.code}")).json()
    assert (turn["status"], turn["counter"], turn["counter_kind"]) == ("called", 1, "window")
    assert (turn["place"], turn["forecast"]) == (None, None)


async def test_the_accuracy_of_forecasts_is_public_from_ten_people_called(
    client: httpx.AsyncClient, db: Database, here: Clinic
) -> None:
    assert "Todavía no hay suficientes" in said_by((await client.get("/datos/espera")).text)
    async with db.transaction() as session:
        given = [await walk_in(session, here) for _ in range(12)]
        few = await clinic(session)
        await open_all(session, few)
        await walk_in(session, few)
        scored = "UPDATE desk_forecast SET called_at = made_at + interval '{0} minutes', waited = {0}, is_inside = {1}"
        for number, one in enumerate(given[:10]):
            inside = number < 8
            await session.execute(
                text(
                    f"{scored.format(number, inside)}, low = 0, median = 4, high = 90, simulated_low = 1.5,"
                    " simulated_median = 4, simulated_high = 5.2 WHERE ticket_id = :id"
                ),
                {"id": one.id},
            )
        await session.execute(text(f"{scored.format(1, True)} WHERE unit_id = :unit"), {"unit": few.unit.id})
        await count_forecasts(session)
    found = (await client.get("/api/v1/desk/forecast-accuracy")).json()
    total = {"made": 12, "called": 10, "inside": 8, "coverage": 0.8, "simulated_coverage": 0.6, "mean_error": 2.5}
    assert found["total"] == total
    assert [(one["clues"], one["accuracy"]) for one in found["units"]] == [(here.unit.clues, total)]
    page = (await client.get("/datos/espera")).text
    said = said_by(page)
    assert "80 % de las esperas" in said
    assert "8 de 10" in said
    assert re.search(r"10 8 80 60 2\.5", said), "called, in their range, and what it would be without calibration"
    assert "2.5 minutos" in said
    assert here.unit.clues in said
    assert few.unit.clues not in said
    assert "10" in said_by((await client.get("/en/datos/espera")).text)


async def test_supervisors_see_those_of_their_unit_until_now(app: FastAPI, db: Database, here: Clinic) -> None:
    supervisor = await signed_in_browser(app, db, staff_id=await hire(db, Role.SUPERVISOR))
    page = f"/ventanilla/jefatura/indicadores?unidad={here.unit.id}"
    assert "Todavía no se ha llamado un turno con pronóstico" in said_by((await supervisor.get(page)).text)
    given = [await arrive(db, here) for _ in range(3)]
    async with db.transaction() as session:
        scored = "UPDATE desk_forecast SET called_at = made_at, waited = median + 2, is_inside = true"
        await session.execute(text(f"{scored} WHERE ticket_id = :id"), {"id": given[0].id})
    said = said_by((await supervisor.get(page)).text)
    assert "100 % de las esperas (1 de 1)" in said
    assert "por 2.0 minutos" in said
    assert "Se hicieron 3 pronósticos" in said
    assert "habrían caído en él" in said
