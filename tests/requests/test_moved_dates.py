"""Who waits for a decision is notified when it comes later than they know: once for each change, in waking hours."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text, update

from app.kernel.i18n import format_day
from app.registry.models import Person
from app.requests.models import Request
from app.requests.service.reminders import notify_moved_dates
from tests.notifications.factories import account, words
from tests.notifications.mailbox import open_mailbox, value, work
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import to_visit, waiting

LATER = timedelta(days=7)
NOON, NIGHT = time(12), time(22)


def at(scene: Scene, day: date, hour: time = NOON) -> time_machine.travel:
    """An hour of a day, by the clock of the unit."""
    return time_machine.travel(datetime.combine(day, hour, ZoneInfo(scene.unit.timezone)), tick=True)


async def tell(scene: Scene) -> int:
    async with scene.db.transaction() as session:
        return await notify_moved_dates(session, 10)


async def moved(scene: Scene) -> tuple[str, date, date]:
    """A request whose citizen came to the window a week late; the day that they know, and the day of the visit."""
    folio, start_at = await to_visit(scene)
    known = (await steps.row(scene, folio)).known_due_on
    assert known is not None
    day = (start_at + LATER).date()
    with at(scene, day, NIGHT):
        came = await scene.officer.post(f"{folio}/attended", {"other_day": True})
        assert came.status_code == 200, came.text
    return folio, known, day


async def set_due(scene: Scene, due_on: date) -> None:
    async with scene.db.transaction() as session:
        await session.execute(update(Request).values(due_on=due_on))


async def events(scene: Scene, folio: str) -> list[tuple[str, str]]:
    found = await steps.facts(scene, folio, "request.due-date-moved")
    return [(one.payload["before"], one.payload["due_on"]) for one in found]


async def test_once_for_each_change_and_not_at_night(scene: Scene) -> None:
    folio, known, day = await moved(scene)
    with at(scene, day, NIGHT):
        assert await tell(scene) == 0
    with at(scene, day + timedelta(days=1)):
        assert [await tell(scene), await tell(scene)] == [1, 0]
    now = (await steps.row(scene, folio)).due_on
    assert now is not None
    assert now > known
    assert await events(scene, folio) == [(known.isoformat(), now.isoformat())]


async def test_moved_twice_is_one_change_and_moved_back_none(scene: Scene) -> None:
    folio, known, day = await moved(scene)
    with at(scene, day + timedelta(days=1)):
        await set_due(scene, known)
        assert await tell(scene) == 0
        latest = known + timedelta(days=40)
        await set_due(scene, known + timedelta(days=30))
        await set_due(scene, latest)
        assert [await tell(scene), await tell(scene)] == [1, 0]
    assert await events(scene, folio) == [(known.isoformat(), latest.isoformat())]


async def test_who_moved_it_by_answering_has_seen_it(scene: Scene) -> None:
    citizen = await steps.create_person(scene)
    folio = await waiting(scene, citizen)
    before = (await steps.row(scene, folio)).known_due_on
    day = datetime.now(ZoneInfo(scene.unit.timezone)).date() + LATER
    with at(scene, day):
        answered = await citizen.post(folio, "answer", body="El lunes.", answers={})
        assert answered.status_code == 200, answered.text
        assert await tell(scene) == 0
    after = await steps.row(scene, folio)
    assert before is not None
    assert after.due_on == after.known_due_on
    assert after.known_due_on is not None
    assert after.known_due_on > before


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_the_mail_has_both_days_and_of_two_changes_the_latest(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    folio, known, day = await moved(scene)
    latest = known + timedelta(days=40)
    with open_mailbox(monkeypatch) as mailbox, at(scene, day + timedelta(days=1)):
        await work(until_messages=0)
        before = int(await value("SELECT count(*) FROM message"))
        await account(scene, (await steps.row(scene, folio)).person_id)
        assert await tell(scene) == 1
        await set_due(scene, latest)  # before the first has left
        assert await tell(scene) == 1
        await work(until_messages=before + 1)
        (mail,) = mailbox.got
        assert mail["Subject"] == f"Cambió la fecha de la respuesta a la solicitud {folio}"
        assert format_day(latest) in words(mail)
        assert "estuvo detenida" in words(mail)
        assert f"/tramites/{folio}" in words(mail)


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_for_who_has_no_contact_staff_get_a_notice(scene: Scene) -> None:
    folio, known, day = await moved(scene)
    person_id = (await steps.row(scene, folio)).person_id
    async with scene.db.transaction() as session:
        await session.execute(update(Person).where(Person.id == person_id).values(email=None, phone=None))
    with at(scene, day + timedelta(days=1)):
        assert await tell(scene) == 1
        await work(until_messages=0)
        notice = text("SELECT body FROM unaddressed_notice WHERE kind = 'request.due-date-moved' AND folio = :folio")
        async with scene.db.transaction() as session:
            body = await session.scalar(notice, {"folio": folio})
    assert format_day(known) in body
