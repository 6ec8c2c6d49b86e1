"""The way to an appointment as pages say it: whose doctor, which days and times, until when, and what can be done."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.appointments.models import Schedule
from app.appointments.service import schedules
from app.kernel import ids
from app.kernel.actor import System
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.browser_sessions import Clinic, Visit

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)
"""A Monday, nine in the morning in the centre of the country."""


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
async def clinic(travel: time_machine.Traveller, db: Database) -> Clinic:
    return await Clinic.open(db)


@pytest.fixture
async def visit(db: Database, client: httpx.AsyncClient, clinic: Clinic, travel: time_machine.Traveller) -> Visit:
    made = Visit(db, client, travel)
    await made.come_in(clinic.ana)
    return made


def words_of(answer: httpx.Response) -> str:
    main = answer.text[answer.text.find("<main") : answer.text.find("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


async def page(visit: Visit, path: str) -> httpx.Response:
    return await visit.client.get(path)


async def open_room(db: Database, clinic: Clinic, room: int, service_name: str) -> None:
    async with db.transaction() as session:
        await factories.room_of(session, clinic.unit, room)
        made = Schedule(
            id=ids.new_id(), unit_id=clinic.unit.id, room=room, shift="V", service=service_name,
            weekdays=[1, 2, 3, 4, 5], starts=time(13), ends=time(15), slot_minutes=30, capacity=1,
            valid_from=date(2026, 10, 6),
        )  # fmt: skip
        await schedules.open_schedule(session, System("test"), made, horizon_days=30)


async def to_the_days(visit: Visit, clinic: Clinic, chosen: str = "family-medicine") -> None:
    await visit.read("/citas/quien")
    await visit.send("/citas/motivo", service=chosen)
    await visit.send("/citas/clinica", unit=clinic.unit.id)


@pytest.mark.parametrize("chosen", ["dental", "window"])
async def test_a_dentist_and_a_window_are_not_your_doctor(
    visit: Visit, clinic: Clinic, db: Database, chosen: str
) -> None:
    await open_room(db, clinic, 101, chosen)
    await to_the_days(visit, clinic, chosen)
    days = await page(visit, "/citas/dia")
    assert "médico" not in words_of(days)
    assert "Todos, desde la 1:00 p.m." in words_of(days)
    await visit.send("/citas/dia", day="2026-10-06")
    times = await page(visit, "/citas/hora")
    assert "médico" not in words_of(times)
    assert "Por la tarde, martes 6 de octubre" in words_of(times)


async def test_more_days_are_under_their_week_named_by_its_monday(visit: Visit, clinic: Clinic, db: Database) -> None:
    """The first eight days end on a Thursday: the Friday stands under the name of its week too."""
    await open_room(db, clinic, 101, "dental")
    await to_the_days(visit, clinic, "dental")
    shown = (await page(visit, "/citas/dia")).text
    first, more = shown.split("Ver más días")
    assert "Semana del lunes 5 de octubre" in first
    weeks = re.findall(r"Semana del (\w+ \d+ de \w+)", more)
    assert weeks[0] == "lunes 12 de octubre", weeks
    assert all(week.startswith("lunes ") for week in weeks)


async def test_hours_are_a_group_named_with_their_day(visit: Visit, clinic: Clinic) -> None:
    await to_the_days(visit, clinic)
    await visit.send("/citas/dia", day="2026-10-06")
    times = (await page(visit, "/citas/hora")).text
    group = re.search(r"<fieldset[^>]*>\s*<legend[^>]*>\s*([^<]+?)\s*</legend>", times)
    assert group is not None
    assert group[1] == "Por la mañana, martes 6 de octubre"
    assert "<title>¿A qué hora? Martes 6 de octubre – " in times
    assert "Con su médico: consultorio 1, turno matutino." in words_of(await page(visit, "/citas/hora"))


async def test_the_time_held_is_shown_as_it_is_after_a_reload(
    visit: Visit, clinic: Clinic, travel: time_machine.Traveller
) -> None:
    await to_the_days(visit, clinic)
    await visit.send("/citas/dia", day="2026-10-06")
    await visit.send("/citas/hora", time=clinic.time(0))
    for _reload in range(2):
        review = words_of(await page(visit, "/citas/revisar"))
        assert re.search(r"Hasta las 9:0\d a.m. \(hora del centro de México\) guardamos", review)
    back = await page(visit, "/citas/hora")
    assert re.search(r"El de las 8:00 a.m. ya está guardado para usted hasta las 9:0\d a.m.", words_of(back))
    assert re.search(rf'value="{re.escape(clinic.time(0))}" checked', back.text)
    travel.shift(timedelta(minutes=6))
    late = await page(visit, "/citas/revisar")
    assert late.status_code == 410
    assert "Se acabó el tiempo para confirmar" in words_of(late)
    assert "guardamos este horario" not in words_of(late)
    assert clinic.time(0) in late.text, "it is free again, and the nearest"
    assert (await page(visit, "/citas/revisar")).headers["location"] == "/citas/hora"


async def test_a_time_held_in_another_window_is_not_shown_as_held(visit: Visit, clinic: Clinic, db: Database) -> None:
    await to_the_days(visit, clinic)
    await visit.send("/citas/dia", day="2026-10-06")
    await visit.send("/citas/hora", time=clinic.time(0))
    async with db.transaction() as session:
        place = factories.place(clinic.unit, clinic.times[1])
        await factories.held(session, factories.citizen(clinic.ana), clinic.ana, place)
    assert (await page(visit, "/citas/revisar")).status_code == 410


async def test_a_day_that_the_daily_limit_refuses_is_not_offered(visit: Visit, clinic: Clinic, db: Database) -> None:
    async with db.transaction() as session:
        booked = await factories.booked(session, clinic.ana, factories.place(clinic.unit, clinic.times[0]))
        await session.execute(text("DELETE FROM active_appointment"))
        await session.execute(text("UPDATE appointment SET status = 'attended'"))
    assert booked.start_at == clinic.times[0]
    await to_the_days(visit, clinic)
    days = (await page(visit, "/citas/dia")).text
    assert 'value="2026-10-06"' not in days
    assert 'value="2026-10-07"' in days


async def test_when_every_day_is_refused_it_says_why(visit: Visit, clinic: Clinic, db: Database) -> None:
    await to_the_days(visit, clinic)
    async with db.transaction() as session:
        await session.execute(text("UPDATE affiliation SET ends_on = '2019-12-31', starts_on = '2019-01-01'"))
    assert "Su derecho no está vigente ese día" in words_of(await page(visit, "/citas/dia"))


async def test_a_time_of_another_appointment_is_not_offered(visit: Visit, clinic: Clinic, db: Database) -> None:
    await open_room(db, clinic, 101, "dental")
    async with db.transaction() as session:
        await factories.seats(
            session, clinic.unit, room=102, service="dental", start_at=clinic.times[0] + timedelta(minutes=10)
        )
        await factories.booked(session, clinic.ana, factories.place(clinic.unit, clinic.times[0]))
    await to_the_days(visit, clinic, "dental")
    await visit.send("/citas/dia", day="2026-10-06")
    times = words_of(await page(visit, "/citas/hora"))
    assert "1:00 p.m." in times
    assert "8:10 a.m." not in times


async def test_nothing_free_says_what_was_searched_and_where_else(visit: Visit, clinic: Clinic, db: Database) -> None:
    await open_room(db, clinic, 301, "window")
    await to_the_days(visit, clinic, "window")
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM seat WHERE service = 'window'"))
        other = await factories.unit(session, name="UMF 2 Cercana")
    await open_room(db, Clinic(other, clinic.ana, []), 301, "window")
    said = words_of(await page(visit, "/citas/dia"))
    assert "1 consultorio o ventanilla, turno vespertino, hasta el miércoles 4 de noviembre de 2026" in said
    assert "Vuelva a consultar el martes 6 de octubre de 2026 a las 12:00 a.m.: a esa hora se abre el" in said
    assert "UMF 2 Cercana: martes 6 de octubre de 2026, 1:00 p.m." in said
    assert "otro turno" not in said


@pytest.mark.parametrize(("minutes", "offered"), [(121, True), (119, False)])
async def test_what_is_too_late_is_offered_nowhere(
    visit: Visit, clinic: Clinic, travel: time_machine.Traveller, minutes: int, *, offered: bool
) -> None:
    folio = await clinic.book(visit)
    travel.move_to(clinic.times[0] - timedelta(minutes=minutes))
    await visit.come_in(clinic.ana)
    words = words_of(await page(visit, f"/citas/{folio}"))
    assert ("Cancelar la cita" in words) is offered
    late = "Ya es tarde para cancelar o mover la cita en línea. Se puede hasta 2 horas antes."
    assert (late in words) is not offered
    cancel = await page(visit, f"/citas/{folio}/cancelar")
    assert (cancel.status_code == 200) is offered


async def test_the_confirmation_says_first_when_and_where(visit: Visit, clinic: Clinic) -> None:
    folio = await clinic.book(visit)
    done = (await page(visit, "/citas/listo")).text
    panel = done[done.index('class="govuk-panel ') :]
    when, hour, where, number = (
        panel.index("Martes 6 de octubre"),
        panel.index("8:00\N{NO-BREAK SPACE}a.m."),
        panel.index("UMF 1 Prueba"),
        panel.index(folio),
    )
    assert when < hour < where < number
