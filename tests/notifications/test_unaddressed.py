"""What no message can tell a person is seen by the staff of their unit, who tell them and say so; once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.appointments.service import closures, reschedule
from app.identity.models import Account
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Assurance, Role, Staff
from app.kernel.consumers import Event
from app.kernel.ids import new_id
from app.kernel.problems import NotFound
from app.notifications import contacts, unaddressed
from app.places.models import Unit
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person
from app.registry.reachability import unreachable
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import ask, complain, decide
from tests.notifications.mailbox import Mailbox, value, work
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import UNEMPLOYED

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

HOW_MANY = "SELECT count(*) FROM unaddressed_notice"
DAY = timedelta(days=1)


async def booked(db: Database, **contact: Any) -> tuple[Unit, Person, str]:
    """Someone with an appointment tomorrow; `contact`: of the registry."""
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        for name, stored in contact.items():
            setattr(ana, name, stored)
        await factories.seats(session, unit)
        folio = (await factories.booked(session, ana, factories.place(unit, factories.tomorrow()))).folio
    return unit, ana, folio


async def close(db: Database, unit: Unit) -> UUID:
    async with db.transaction() as session:
        made = await closures.close(
            session, factories.staff(Role.SUPERVISOR, unit), unit_id=unit.id, room=None, shift=None, reason="leave",
            starts_at=factories.tomorrow() - DAY, ends_at=factories.tomorrow() + DAY,
        )  # fmt: skip
    return made.id


async def open_again(db: Database, unit: Unit, closure_id: UUID) -> None:
    async with db.transaction() as session:
        await closures.reopen(session, factories.staff(Role.SUPERVISOR, unit), closure_id)
    await work(until_messages=0)


async def account(db: Database, who: Person, **about: Any) -> None:
    given = {"email": f"{who.id}@ejemplo.mx", "assurance": "full"} | about
    async with db.transaction() as session:
        session.add(Account(person_id=who.id, curp=who.curp, language="es", created_at=clock.now(), **given))


async def seen(db: Database, actor: Staff) -> list[str | None]:
    async with db.transaction() as session:
        found = await unaddressed.open_notices(session, actor)
        assert await unaddressed.count_open(session, actor) == len(found)
    return [one.notice.folio for one in found]


async def test_who_has_no_contact_is_notified_by_the_staff_of_the_unit(db: Database, mailbox: Mailbox) -> None:
    unit, ana, folio = await booked(db)
    await close(db, unit)
    await work(until_messages=0)
    async with db.transaction() as session:
        await session.execute(text("UPDATE event_consumer SET position = 0"))
        other = await factories.unit(session, name="UMF 2")
    await work(until_messages=0)
    assert (await value("SELECT count(*) FROM message"), await value(HOW_MANY)) == (0, 1)
    row = await value("SELECT to_jsonb(n) FROM unaddressed_notice n")
    assert (row["kind"], row["reason"], row["folio"]) == ("appointment.affected", "no-contact", folio)
    assert "No podremos atender su cita" in row["subject"]
    assert "La clínica no va a atender a esa hora" in row["body"]
    assert "http" not in row["body"]
    for role in (Role.RECEPTIONIST, Role.OFFICER, Role.SUPERVISOR, Role.ADMIN):
        assert await seen(db, factories.staff(role, unit)) == [folio]
        assert await seen(db, factories.staff(role, other)) == []
    assert await seen(db, Staff(new_id(), Role.ADMIN, None)) == [folio]
    async with db.transaction() as session:
        with pytest.raises(WrongRole):
            await unaddressed.open_notices(session, factories.staff(Role.ANALYST, unit))
        with pytest.raises(NotFound):
            await unaddressed.resolve(session, factories.staff(Role.OFFICER, other), UUID(row["id"]))
        first = factories.staff(Role.RECEPTIONIST, unit)
        await unaddressed.resolve(session, first, UUID(row["id"]))
        await unaddressed.resolve(session, factories.staff(Role.OFFICER, unit), UUID(row["id"]))
    assert await seen(db, factories.staff(Role.OFFICER, unit)) == []
    assert await value("SELECT resolved_by FROM unaddressed_notice") == first.staff_id
    reported = "SELECT count(*) FROM event WHERE type = 'unaddressed-notice.resolved'"
    assert await value(f"{reported} AND person_id = '{ana.id}' AND unit_id = '{unit.id}'") == 1
    assert await value(reported) == 1


async def test_later_news_about_the_same_appointment_replaces_what_was_not_told_yet(
    db: Database, mailbox: Mailbox
) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        await factories.seats(session, unit)
        desk = factories.staff(Role.RECEPTIONIST, unit)
        folio = (await factories.booked(session, ana, factories.place(unit, factories.tomorrow()), desk)).folio
    await work(until_messages=0)
    assert await seen(db, desk) == [folio]
    async with db.transaction() as session:
        old = (await unaddressed.open_notices(session, desk))[0].notice.id
    await close(db, unit)
    await work(until_messages=0)
    async with db.transaction() as session:
        notices = [one.notice for one in await unaddressed.open_notices(session, desk)]
        assert [one.kind for one in notices] == ["appointment.affected"]
        assert await unaddressed.count_open(session, desk) == 1
        assert (await unaddressed.notice_summary(session, desk, folio=folio)).open == 1
        await unaddressed.resolve(session, desk, old)
    replaced = f"{HOW_MANY} WHERE superseded_at IS NOT NULL AND resolved_at IS NULL"
    assert await value(replaced) == 1, "it is in the record"
    async with db.transaction() as session:
        await reschedule.cancel(session, factories.citizen(ana), folio, "other", factories.once())
    await work(until_messages=0)
    assert await seen(db, desk) == [], "she cancelled it herself: there is no more to tell"


async def test_a_closing_that_no_one_passed_on_needs_no_word_of_the_opening(db: Database, mailbox: Mailbox) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        await factories.seats(session, unit)
        desk = factories.staff(Role.RECEPTIONIST, unit)
        await factories.booked(session, ana, factories.place(unit, factories.tomorrow()), desk)
    await work(until_messages=0)

    async def to_tell() -> list[str]:
        async with db.transaction() as session:
            return [one.notice.kind for one in await unaddressed.open_notices(session, desk)]

    for _ in range(2):
        closure = await close(db, unit)
        await work(until_messages=0)
        assert await to_tell() == ["appointment.affected"]
        await open_again(db, unit, closure)
        assert await to_tell() == ["appointment.booked"], "what she had to learn before the closing"
    closure = await close(db, unit)
    await work(until_messages=0)
    async with db.transaction() as session:
        closing = (await unaddressed.open_notices(session, desk))[0].notice.id
        await unaddressed.resolve(session, desk, closing)
    await open_again(db, unit, closure)
    assert await to_tell() == ["appointment.reinstated"], "she knows of the closing"
    closure = await close(db, unit)
    await work(until_messages=0)
    await open_again(db, unit, closure)
    assert await to_tell() == ["appointment.reinstated"], "of the first closing, not of the second"


async def test_what_a_citizen_did_needs_no_notice(db: Database, mailbox: Mailbox) -> None:
    _unit, ana, folio = await booked(db)
    async with db.transaction() as session:
        await reschedule.cancel(session, factories.citizen(ana), folio, "other", factories.once())
    await work(until_messages=0)
    assert await value("SELECT count(*) FROM event WHERE type LIKE 'appointment.%'") == 2
    assert await value(HOW_MANY) == 0


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"email": None}, "no-contact"),
        ({"frozen_at": clock.now()}, "frozen"),
    ],
)
async def test_why_no_message_can(db: Database, mailbox: Mailbox, about: dict[str, Any], reason: str) -> None:
    unit, ana, _folio = await booked(db)
    await account(db, ana, **about)
    await close(db, unit)
    await work(until_messages=0)
    assert await value("SELECT array_agg(reason) FROM unaddressed_notice") == [reason]


async def test_the_contact_of_the_registry_is_notified_when_there_is_no_account(db: Database, mailbox: Mailbox) -> None:
    unit, _ana, _folio = await booked(db, email="registro@ejemplo.mx")
    await close(db, unit)
    await work(until_messages=2)
    assert {mail["To"] for mail in mailbox.got} == {"registro@ejemplo.mx"}
    assert await value(HOW_MANY) == 0


async def test_requests_are_for_those_who_work_on_them(scene: Scene, mailbox: Mailbox) -> None:
    folio = await complain(scene)
    await ask(scene, folio)
    await work(until_messages=0)
    for role in (Role.OFFICER, Role.SUPERVISOR):
        assert await seen(scene.db, factories.staff(role, scene.unit)) == [folio]
    assert await seen(scene.db, factories.staff(Role.RECEPTIONIST, scene.unit)) == []
    body = await value("SELECT body FROM unaddressed_notice")
    assert "Para seguir necesitamos algo de usted." in body
    assert "Respóndanos a más tardar el" in body


async def test_a_notice_given_in_person_is_recorded_over_the_api(scene: Scene, mailbox: Mailbox) -> None:
    folio = await complain(scene)
    await decide(scene, folio, "refuse", "not-ours")
    await work(until_messages=0)
    listed = await scene.client.get("/api/v1/unaddressed-notices", headers=scene.officer.headers)
    (one,) = listed.json()
    assert (one["folio"], one["kind"], one["reason"]) == (folio, "request.decided", "no-contact")
    assert "Contestamos que no corresponde a esta institución." in one["body"]
    path = f"/api/v1/unaddressed-notices/{one['id']}/resolve"
    analyst = await steps.hire(scene, Role.ANALYST)
    assert (await scene.client.post(path, headers=analyst.keyed())).status_code == 403
    for _ in range(2):
        assert (await scene.client.post(path, headers=scene.officer.keyed())).status_code == 204
    assert (await scene.client.get("/api/v1/unaddressed-notices", headers=scene.officer.headers)).json() == []
    assert await value("SELECT count(*) FROM event WHERE type = 'unaddressed-notice.resolved'") == 1


async def test_what_the_rules_decide_at_once_needs_no_notice(scene: Scene, mailbox: Mailbox) -> None:
    who = await steps.create_person(scene)
    decided = await who.submit_request("unemployment", **UNEMPLOYED)
    assert decided["outcome"] == "refused"
    await work(until_messages=0)
    assert await value("SELECT count(*) FROM event WHERE type = 'request.decided'") == 1
    assert await value(HOW_MANY) == 0


async def test_resolved_notices_are_deleted_and_open_ones_stay(db: Database, mailbox: Mailbox) -> None:
    unit, _ana, folio = await booked(db)
    await close(db, unit)
    await work(until_messages=0)
    later = clock.now() + timedelta(days=400)
    async with db.transaction() as session:
        await unaddressed.delete_before(session, later)
        assert await seen(db, factories.staff(Role.OFFICER, unit)) == [folio]
        (one,) = await unaddressed.open_notices(session, factories.staff(Role.OFFICER, unit))
        await unaddressed.resolve(session, factories.staff(Role.OFFICER, unit), one.notice.id)
        await session.flush()
        await unaddressed.delete_before(session, later)
    assert await value(HOW_MANY) == 0


CHILD, ADULT = clock.today(DEFAULT_ZONE) - 10 * 365 * DAY, date(1990, 5, 17)
CONTACTS: list[dict[str, Any]] = [
    {},
    {"registry": "registro@ejemplo.mx"},
    {"registry": ""},
    {"account": {}},
    {"account": {"email": None, "phone": "+525512345678"}},
    {"account": {"email": None}},
    {"account": {"assurance": "low"}},
    {"account": {"assurance": "low"}, "registry": "registro@ejemplo.mx"},
    {"account": {"frozen_at": clock.now()}},
    {"account": {"frozen_at": clock.now()}, "registry": "registro@ejemplo.mx"},
    {"account": {"frozen_at": clock.now()}, "registry": "A@ejemplo.mx"},
    {"holder": {}},
    {"holder": {"account": {}}},
    {"holder": {"account": {"assurance": "low"}}},
    {"holder": {"registry": "registro@ejemplo.mx"}},
    {"holder": {"account": {}, "ends_on": date(2020, 1, 2)}},
    {"holder": {"account": {}}, "birth_on": ADULT},
]


@pytest.mark.parametrize("needed", [Assurance.LOW, Assurance.FULL])
async def test_pages_and_messages_agree_on_whom_none_reaches(db: Database, needed: Assurance) -> None:
    async def put(session: Any, who: Person, case: dict[str, Any]) -> None:
        who.email = case.get("registry")
        if "account" in case:
            given = {"email": "a@ejemplo.mx", "assurance": "full"} | case["account"]
            session.add(Account(person_id=who.id, curp=who.curp, language="es", created_at=clock.now(), **given))
        await session.flush()

    async with db.transaction() as session:
        unit = await factories.unit(session)
        people = []
        for case in CONTACTS:
            birth_on = case.get("birth_on", CHILD if "holder" in case else ADULT)
            who = await factories.person(session, unit, birth_on=birth_on)
            await put(session, who, case)
            if "holder" in case:
                holder = await factories.person(session, unit)
                await put(session, holder, case["holder"])
                await factories.depend(session, holder, who, ends_on=case["holder"].get("ends_on"))
            people.append(who)
        expected = {
            one.id for one in people if not await contacts.find_recipients(session, one.id, None, event(one), needed)
        }
        mute = await unreachable(session, [one.id for one in people], clock.today(unit.timezone), needed)
    assert mute == expected
    assert 3 < len(mute) < len(CONTACTS) - 3


def event(who: Person) -> Event:
    return Event(1, new_id(), clock.now(), "request.decided", new_id(), who.id, who.unit_id, "staff", new_id(), "desk",
        None, None, None, None, {})  # fmt: skip
