"""The kiosk: check in with what one has at hand, or take a number; nothing of the person stays on the screen."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.appointments.schemas import AppointmentOut
from app.kernel import clock, ids
from app.kernel.actor import DeviceKind
from app.registry.models import Person
from app.web.browser import unit_device_cookie_name
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.device_factories import paired
from tests.desk.factories import Clinic, clinic, open_all, walk_in
from tests.web.browser import Browser

HOME = "/ventanilla/quiosco"


@pytest.fixture
async def here(db: Database) -> Clinic:
    async with db.transaction() as session:
        made = await clinic(session, 2)
        await open_all(session, made, ("family-medicine", "window", "specialist-psychiatry"))
    return made


@pytest.fixture
async def kiosk(db: Database, app: FastAPI, here: Clinic) -> Browser:
    async with db.transaction() as session:
        _device, token = await paired(session, here)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    client = httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", cookies={unit_device_cookie_name(): token}
    )
    return Browser(client)


async def booked_today(db: Database, here: Clinic, days: int = 0) -> tuple[Person, AppointmentOut]:
    """Someone with an appointment in the middle of the unit's today, booked days ago."""
    today = clock.today(here.unit.timezone)
    start_at = datetime(today.year, today.month, today.day, 18, tzinfo=UTC) + timedelta(days=days)
    async with db.transaction() as session:
        await places.seats(session, here.unit, room=1, start_at=start_at + timedelta(days=2))
        who = await places.person(session, here.unit, room=1)
        made = await places.booked(session, who, places.place(here.unit, start_at + timedelta(days=2), room=1))
        await session.execute(
            text(
                "UPDATE appointment SET start_at = start_at - interval '2 days', on_date = on_date - 2"
                " WHERE folio = :folio"
            ),
            {"folio": made.folio},
        )
    return who, made


async def on_the_ticket(kiosk: Browser, answer: httpx.Response) -> str:
    assert answer.status_code == 303, kiosk.text
    await kiosk.get(answer.headers["location"])
    return kiosk.text


@pytest.mark.parametrize("what", ["folio", "lower case folio", "curp", "nss"])
async def test_check_in_with_what_one_has_at_hand(db: Database, here: Clinic, kiosk: Browser, what: str) -> None:
    who, made = await booked_today(db, here)
    typed = {
        "folio": made.folio,
        "lower case folio": made.folio.lower().replace("-", "'"),
        "curp": who.curp,
        "nss": who.nss or "",
    }[what]
    await kiosk.get(HOME)
    shown = await on_the_ticket(kiosk, await kiosk.send(f"{HOME}/cita", typed=typed))
    assert "A-001" in shown
    for hers in (who.given_names, who.first_surname, who.curp, made.folio):
        assert hers not in kiosk.html
    async with db.transaction() as session:
        arrived = (
            await session.execute(text("SELECT actor_kind, channel FROM event WHERE type = 'ticket.arrived'"))
        ).one()
    assert tuple(arrived) == ("device", "desk")


async def test_a_refusal_says_why_and_keeps_nothing(db: Database, here: Clinic, kiosk: Browser) -> None:
    who, made = await booked_today(db, here)
    await kiosk.get(f"{HOME}/cita")
    answer = await kiosk.send(f"{HOME}/cita", typed="ABCD")
    assert answer.status_code == 404
    assert "No encontramos una cita" in kiosk.text
    await kiosk.send(f"{HOME}/cita", typed="")
    assert "Escriba el folio" in kiosk.text
    await kiosk.get(HOME)
    await kiosk.send(f"{HOME}/cita", typed=made.folio)
    await kiosk.get(HOME)
    shown = await on_the_ticket(kiosk, await kiosk.send(f"{HOME}/cita", typed=made.folio))
    assert "Su turno A-001" in shown, "who lost the slip can print it again"
    assert made.folio not in kiosk.html
    async with db.transaction() as session:
        left = "UPDATE desk_ticket SET status = 'left', left_because = 'gave-up', ended_at = now()"
        await session.execute(text(left))
        later = "UPDATE appointment SET on_date = on_date + 1, start_at = start_at + interval '1 day'"
        await session.execute(text(later))
    await kiosk.get(HOME)
    await kiosk.send(f"{HOME}/cita", typed=made.folio)
    assert "Su cita no es hoy" in kiosk.text
    await kiosk.get(HOME)
    await kiosk.send(f"{HOME}/cita", typed=who.curp)
    assert "No encontramos una cita" in kiosk.text, "a CURP isn't secret: it says nothing of other days"


async def test_a_curp_says_nothing_of_another_unit_or_of_what_was_cancelled(
    db: Database, here: Clinic, kiosk: Browser
) -> None:
    async with db.transaction() as session:
        there = await clinic(session)
    elsewhere, _made = await booked_today(db, there)
    cancelled, made = await booked_today(db, here)
    async with db.transaction() as session:
        ended = text("UPDATE appointment SET status = 'cancelled' WHERE folio = :folio")
        await session.execute(ended, {"folio": made.folio})
    for who in (elsewhere, cancelled):
        await kiosk.get(HOME)
        answer = await kiosk.send(f"{HOME}/cita", typed=who.curp)
        assert answer.status_code == 404
        assert "No encontramos una cita" in kiosk.text


async def test_a_number_for_one_of_the_queues(db: Database, here: Clinic, kiosk: Browser) -> None:
    async with db.transaction() as session:
        await walk_in(session, here)
    await kiosk.get(f"{HOME}/sin-cita")
    assert "psychiatry" not in kiosk.html
    assert "Psiquiatría" not in kiosk.html
    shown = await on_the_ticket(kiosk, await kiosk.send(f"{HOME}/sin-cita", service="family-medicine"))
    assert "A-002" in shown
    assert "Lo llamamos en" in shown, "how long it may be"
    assert "<svg" in kiosk.html, "the way to the turn's own page"
    assert "Antes que usted se llama a 1 persona." in shown
    await kiosk.get(f"{HOME}/sin-cita")
    shown = await on_the_ticket(kiosk, await kiosk.send(f"{HOME}/sin-cita", service="window", protected="yes"))
    assert "Usted es la siguiente persona" in shown
    async with db.transaction() as session:
        rows = await session.execute(text("SELECT number, is_protected FROM desk_ticket ORDER BY arrived_at"))
        assert [row.is_protected for row in rows] == [False, False, True]
    await kiosk.get(f"{HOME}/sin-cita")
    wrong = await kiosk.send(f"{HOME}/sin-cita", service="specialist-psychiatry")
    assert wrong.status_code == 422


async def test_two_taps_are_one_number(db: Database, here: Clinic, kiosk: Browser) -> None:
    await kiosk.get(f"{HOME}/sin-cita")
    form = kiosk.form(f"{HOME}/sin-cita", service="family-medicine")
    first = await kiosk.client.post(f"{HOME}/sin-cita", data=form)
    second = await kiosk.client.post(f"{HOME}/sin-cita", data=form)
    assert first.headers["location"] == second.headers["location"]


async def test_a_ticket_of_another_unit_is_not_shown(db: Database, kiosk: Browser) -> None:
    async with db.transaction() as session:
        there = await clinic(session)
        ticket = await walk_in(session, there)
    assert (await kiosk.get(f"{HOME}/turno/{ticket.id}")).status_code == 404


async def test_a_form_of_another_site_does_nothing(here: Clinic, kiosk: Browser) -> None:
    await kiosk.get(f"{HOME}/sin-cita")
    form = kiosk.form(f"{HOME}/sin-cita", service="family-medicine")
    answer = await kiosk.client.post(f"{HOME}/sin-cita", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_the_same_over_the_api(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    _who, made = await booked_today(db, here)
    async with db.transaction() as session:
        device, token = await paired(session, here, name="Programa")

    def headers() -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}

    current = await client.get("/api/v1/devices/current", headers=headers())
    assert current.json() == {"device_id": str(device.device_id), "kind": "kiosk", "unit_id": str(here.unit.id)}
    services = await client.get("/api/v1/kiosk/services", headers=headers())
    assert services.json() == {"services": ["family-medicine", "window"]}
    arrived = await client.post("/api/v1/kiosk/check-ins", json={"typed": made.folio}, headers=headers())
    assert (arrived.status_code, arrived.json()["number"]) == (201, "A-001")
    given = await client.post(
        "/api/v1/kiosk/tickets", json={"service": "window", "is_protected": True}, headers=headers()
    )
    assert (given.status_code, given.json()["before"]) == (201, 0)
    shown = await client.get(f"/api/v1/kiosk/tickets/{given.json()['id']}", headers=headers())
    assert shown.json()["number"] == given.json()["number"]
    other = await client.post("/api/v1/kiosk/tickets", json={"service": "dental"}, headers=headers())
    assert other.status_code == 404, "only what its page offers"
    unknown = await client.post("/api/v1/kiosk/check-ins", json={"typed": "nada"}, headers=headers())
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no-appointment-here")


async def test_a_kiosk_gives_no_more_numbers_than_people_take(
    db: Database, here: Clinic, client: httpx.AsyncClient
) -> None:
    async with db.transaction() as session:
        _device, token = await paired(session, here, name="Programa")
    given = []
    for _ in range(35):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
        answer = await client.post("/api/v1/kiosk/tickets", json={"service": "window"}, headers=headers)
        given.append(answer.status_code)
    assert given[:30] == [201] * 30
    assert 429 in given[30:]
    async with db.transaction() as session:
        _device, token = await paired(session, here, name="Otro")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
    answer = await client.post("/api/v1/kiosk/tickets", json={"service": "window"}, headers=headers)
    assert answer.status_code == 201, "the other kiosk gives numbers still"


async def test_texts_that_lead_to_nothing_are_limited(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        _device, token = await paired(session, here)
    tried = []
    for number in range(35):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
        answer = await client.post("/api/v1/kiosk/check-ins", json={"typed": f"{number:011d}"}, headers=headers)
        tried.append(answer.status_code)
    assert tried[:30] == [404] * 30
    assert 429 in tried[30:]


async def test_a_board_may_not_give_numbers(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        _device, token = await paired(session, here, DeviceKind.BOARD)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
    answer = await client.post("/api/v1/kiosk/tickets", json={"service": "window"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role")
    assert (await client.get("/api/v1/kiosk/services", headers=headers)).status_code == 403
    client.cookies.set(unit_device_cookie_name(), token)
    page = await client.get(HOME, headers={"Accept": "text/html"})
    assert page.headers["location"].startswith(f"{HOME}/vincular")


async def test_what_was_typed_on_a_revoked_kiosk_is_not_stored(db: Database, here: Clinic, kiosk: Browser) -> None:
    await kiosk.get(f"{HOME}/cita")
    async with db.transaction() as session:
        await session.execute(text("UPDATE device_token SET digest = NULL, revoked_at = now()"))
    form = kiosk.form(f"{HOME}/cita", typed="GOAL661013MTCNGZ06")
    answer = await kiosk.client.post(f"{HOME}/cita", data=form, headers={"Accept": "text/html"})
    assert answer.headers["location"].startswith(f"{HOME}/vincular")
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM stored_form")) == 0
