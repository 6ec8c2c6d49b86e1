"""Who follows the mail has the appointment in their calendar once, moved when it moves, and not at all once cancelled;
what the page and the API give is the same file."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar
from sqlalchemy import text

from app.appointments.service import answers, closures, reschedule, shift_closures
from app.appointments.service.reschedule import NewTime
from app.appointments.service.shift_closures import ShiftSpan
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance, Role, System
from app.notifications.calendars import method_of
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.calendar_server import FollowedCalendar, running_server
from tests.notifications.factories import add_account
from tests.notifications.mailbox import Mailbox, work
from tests.web.assisted import helping
from tests.web.browser import Browser, signed_in_browser

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

NO_ADDRESS = "sin-correo.invalid"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("calendars")) as address:
        yield address


class Patient:
    """A person with an account, and free times of their doctor tomorrow from nine on."""

    def __init__(self, db: Database, mailbox: Mailbox, unit: Unit, ana: Person) -> None:
        self.db, self.mailbox, self.unit, self.ana = db, mailbox, unit, ana
        self.actor = factories.citizen(ana)
        self.folio = ""

    @property
    def address(self) -> str:
        return f"{self.ana.id}@ejemplo.mx"

    async def book(self) -> str:
        async with self.db.transaction() as session:
            place = factories.place(self.unit, factories.tomorrow())
            self.folio = (await factories.booked(session, self.ana, place)).folio
        return self.folio

    async def move(self, minutes: int) -> None:
        to = NewTime(1, factories.tomorrow() + timedelta(minutes=minutes))
        async with self.db.transaction() as session:
            await reschedule.move(session, self.actor, self.folio, to, factories.once())

    async def cancel(self, *, by_system: bool = False) -> None:
        actor = System("desk") if by_system else self.actor
        async with self.db.transaction() as session:
            await reschedule.cancel(session, actor, self.folio, "other", factories.once())

    async def files(self, count: int) -> list[str]:
        """The calendar files of the mails so far, as mail programs find them."""
        await work(until_messages=count)
        assert len(self.mailbox.got) == count
        return [
            str(part.get_content())
            for mail in self.mailbox.got
            for part in mail.walk()
            if part.get_content_type() == "text/calendar"
        ]


@pytest.fixture
async def patient(db: Database, mailbox: Mailbox) -> Patient:
    async with db.transaction() as session:
        unit = await factories.unit(session, name="UMF 9 Cuauhtémoc")
        ana = await factories.person(session, unit)
        await factories.seats(session, unit, count=3)
        made = Patient(db, mailbox, unit, ana)
        await account(db, ana, made.address)
    return made


async def account(db: Database, who: Person, email: str | None, phone: str | None = None) -> None:
    async with db.transaction() as session:
        add_account(session, who, email=email, phone=phone)


def event_of(file: str) -> Any:
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    return event


async def test_booked_moved_and_cancelled_it_is_there_once_moves_and_is_gone(patient: Patient, server: str) -> None:
    calendar = FollowedCalendar(server, str(patient.ana.id))
    await patient.book()
    (booked,) = await patient.files(1)
    calendar.receive(booked)
    (event,) = calendar.events()
    assert (event.decoded("dtstart"), event["sequence"]) == (factories.tomorrow(), 0)
    assert event["attendee"] == f"mailto:{patient.address}"

    await patient.move(30)
    moved = (await patient.files(2))[1]
    calendar.receive(moved)
    calendar.receive(booked)  # the mails came in the wrong order
    (event,) = calendar.events()
    assert (event.decoded("dtstart"), event["sequence"]) == (factories.tomorrow() + timedelta(minutes=30), 1)

    await patient.cancel()
    cancelled = (await patient.files(3))[2]
    assert (method_of(cancelled), event_of(cancelled)["sequence"]) == ("CANCEL", 2)
    calendar.receive(cancelled)
    assert calendar.events() == []
    calendar.close()


async def test_what_the_clinic_closes_reopens_and_the_system_cancels_is_followed_too(
    patient: Patient, server: str
) -> None:
    calendar = FollowedCalendar(server, str(patient.ana.id))
    await patient.book()
    await patient.move(15)
    day, boss = timedelta(days=1), factories.staff(Role.SUPERVISOR, patient.unit)
    async with patient.db.transaction() as session:
        closed = await closures.close(
            session, boss, unit_id=patient.unit.id, room=None, shift=None, reason="leave",
            starts_at=factories.tomorrow() - day, ends_at=factories.tomorrow() + day,
        )  # fmt: skip
    for file in await patient.files(3):
        calendar.receive(file)
    (event,) = calendar.events()
    assert (event["status"], str(event["summary"]), event.walk("VALARM"), event["sequence"]) == (
        *("TENTATIVE", "No habrá atención: Medicina familiar", [], 1),
    )
    async with patient.db.transaction() as session:
        await closures.reopen(session, boss, closed.id)
    calendar.receive((await patient.files(4))[3])
    (event,) = calendar.events()
    assert (event["status"], str(event["summary"]), len(event.walk("VALARM"))) == ("CONFIRMED", "Medicina familiar", 2)
    await patient.cancel(by_system=True)
    calendar.receive((await patient.files(5))[4])
    assert calendar.events() == []
    calendar.close()


@pytest.mark.usefixtures("working_days")
async def test_an_appointment_accepted_at_another_unit_takes_the_place_of_the_first(
    patient: Patient, server: str
) -> None:
    calendar = FollowedCalendar(server, str(patient.ana.id))
    tomorrow = factories.tomorrow().date()
    async with patient.db.transaction() as session:
        other = await factories.unit(session, name="UMF 2 Otra")
        for unit in (patient.unit, other):
            await factories.room_of(session, unit, 2)
            await factories.seats(session, unit, room=2, service="window")
        await factories.schedule(session, other, room=7, valid_from=tomorrow + timedelta(days=1), horizon_days=0)
        await session.execute(text("UPDATE schedule SET service = 'window'"))  # the other unit gives it
        place = factories.place(patient.unit, factories.tomorrow(), room=2, service="window")
        folio = (await factories.booked(session, patient.ana, place)).folio
        absence = ShiftSpan(patient.unit.id, 2, None, tomorrow, tomorrow, "leave")
        await shift_closures.close_shift(session, System("test"), absence)
    async with patient.db.transaction() as session:
        await answers.accept(session, patient.actor, folio, factories.once())
    for file in await patient.files(4):  # booked, affected, cancelled for the calendar, booked there
        calendar.receive(file)
    (event,) = calendar.events()
    assert ("UMF 2 Otra" in event["location"], event["status"]) == (True, "CONFIRMED")
    (mail,) = [mail for mail in patient.mailbox.got if "cancelada" in mail["Subject"]]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Aceptó otra cita en lugar de esta" in body.get_content()
    assert "reserve otra" not in body.get_content()
    calendar.close()


def stable(file: str) -> list[str]:
    """All but when it was made."""
    return [line for line in file.split("\r\n") if not line.startswith(("DTSTAMP", "LAST-MODIFIED"))]


async def downloads(browser: Browser, client: httpx.AsyncClient, patient: Patient) -> list[httpx.Response]:
    token = issue_access_token(CITIZEN, patient.ana.id, assurance=Assurance.FULL)[0]
    api = f"/api/v1/appointments/{patient.folio}/calendar.ics"
    return [
        await browser.get(f"/citas/{patient.folio}/cita.ics"),
        await client.get(api, headers={"Authorization": f"Bearer {token}"}),
    ]


async def test_page_interface_and_mail_give_one_file(app: FastAPI, client: httpx.AsyncClient, patient: Patient) -> None:
    browser = await signed_in_browser(app, patient.db, person_id=patient.ana.id)
    await patient.book()
    for number, method in enumerate(("REQUEST", "CANCEL"), 1):
        mailed = (await patient.files(number))[-1]
        for given in await downloads(browser, client, patient):
            assert given.headers["content-type"] == f"text/calendar; method={method}; charset=utf-8"
            assert stable(given.text) == stable(mailed)
        page = await browser.get(f"/citas/{patient.folio}")
        assert f'href="/citas/{patient.folio}/cita.ics"' in page.text
        assert ("Quitarla de mi calendario" in page.text) == (method == "CANCEL")
        if method == "REQUEST":
            await patient.cancel()


async def test_who_has_no_address_has_not_proved_who_they_are_or_is_helped_gets_none_in_the_file(
    app: FastAPI, client: httpx.AsyncClient, db: Database, patient: Patient
) -> None:
    await patient.book()
    path = f"/api/v1/appointments/{patient.folio}/calendar.ics"

    async def attendee(assurance: Assurance) -> str:
        token = issue_access_token(CITIZEN, patient.ana.id, assurance=assurance)[0]
        answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
        return str(event_of(answer.text)["attendee"])

    standing = f"mailto:{patient.folio.lower()}@{NO_ADDRESS}"
    assert await attendee(Assurance.FULL) == f"mailto:{patient.address}"
    assert await attendee(Assurance.LOW) == standing
    async with db.transaction() as session:
        await session.execute(text("UPDATE account SET email = NULL, phone = '+525512345678'"))
    assert await attendee(Assurance.FULL) == standing

    helped = await helping(app, db, client)
    await helped.by_document()
    folio = await helped.book()
    file = (await helped.tab.get(f"{helped.home}/citas/{folio}/cita.ics")).text
    assert event_of(file)["attendee"] == f"mailto:{folio.lower()}@{NO_ADDRESS}"
    assert "ana@ejemplo.mx" not in file


async def test_a_child_s_appointment_is_in_the_calendar_of_who_answers_for_them(patient: Patient) -> None:
    async with patient.db.transaction() as session:
        child = await factories.person(session, patient.unit)
        child.given_names, child.first_surname = "Itzel", "Quiroz"
        await factories.depend(session, patient.ana, child)
        made = await factories.booked(
            session, child, factories.place(patient.unit, factories.tomorrow()), actor=patient.actor
        )
    (file,) = await patient.files(1)
    assert event_of(file)["attendee"] == f"mailto:{patient.address}"
    assert made.folio in event_of(file)["description"]
    for name in ("Itzel", "Quiroz", "Ana", "Núñez"):
        assert name not in file.replace("\r\n ", "")
