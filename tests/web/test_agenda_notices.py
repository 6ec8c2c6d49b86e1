"""What the pages of closures and schedules say was done: whom it hit, whom messages reach, whom staff call; and that it
ends when what was done has changed since."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.kernel import clock
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories as places
from tests.conftest import Database
from tests.notifications.mailbox import work
from tests.web.browser import Browser, signed_in_browser
from tests.web.factories import hire

HOME = "/ventanilla/jefatura"
AGAIN = "Cambió después de eso"
NO_ONE = "Ninguna cita cambia."


@dataclass
class Office:
    """A supervisor's browser; a room from eight to ten, where two people come the day after tomorrow: one at eight,
    with a telephone, and one at half past nine, whom no message reaches."""

    page: Browser
    unit: Unit
    schedule: str

    async def press(self, path: str, **fields: Any) -> str:
        """Send a form of the last page, and go where it leads; returns that address."""
        sent = await self.page.send(path, **fields)
        assert sent.status_code == 303, self.page.text
        address = sent.headers["location"]
        await self.page.get(address)
        return str(address)

    @property
    def pattern(self) -> dict[str, Any]:
        return {
            "weekdays": [str(day) for day in range(1, 8)],
            "starts": "08:00",
            "ends": "10:00",
            "slot_minutes": "30",
            "capacity": "1",
            "service": "family-medicine",
            "shift": "M",
            "valid_to": "",
            "release": "at-once",
        }

    async def preview_change(self, **changes: Any) -> dict[str, Any]:
        """The page of what a change does; returns what was typed."""
        here = f"{HOME}/agendas/{self.schedule}"
        await self.page.get(here)
        typed = self.pattern | {"version": self.page.hidden("version")} | changes
        await self.page.send(f"{here}/vista", **typed)
        assert "Qué cambia" in self.page.text, self.page.text
        return typed

    async def change(self, **changes: Any) -> str:
        typed = await self.preview_change(**changes)
        return await self.press(f"{HOME}/agendas/{self.schedule}", **typed)

    async def close(self, **span: str) -> str:
        here = f"{HOME}/cierres"
        day = (clock.today(self.unit.timezone) + timedelta(days=2)).isoformat()
        typed = {"room": "", "shift": "", "first": day, "last": day, "reason": "leave"} | span
        await self.page.get(f"{here}?unidad={self.unit.id}")
        await self.page.send(f"{here}/vista?unidad={self.unit.id}", **typed)
        assert "A quién afecta" in self.page.text, self.page.text
        return await self.press(f"{here}?unidad={self.unit.id}", **typed)

    async def open_again(self, closure: str) -> str:
        here = re.sub(r"\?.*", "", closure)
        await self.page.get(here)
        return await self.press(f"{here}/abrir")


@pytest.fixture
async def office(app: FastAPI, db: Database) -> Office:
    async with db.transaction() as session:
        unit = await places.unit(session)
        made, _count = await places.schedule(session, unit, horizon_days=12)
        for start, phone in ((places.tomorrow(14), "55 1234 5678"), (places.tomorrow(15), None)):
            who = await places.person(session, unit)
            who.phone = phone
            await session.flush()
            at = start + timedelta(days=1, minutes=30 if phone is None else 0)
            await places.booked(session, who, places.place(unit, at))
    page = await signed_in_browser(app, db, staff_id=await hire(db, Role.SUPERVISOR))
    return Office(page, unit, str(made.id))


async def test_a_change_says_whom_it_hit_and_whom_to_call_until_the_next(office: Office) -> None:
    nothing = await office.change(capacity="2")
    assert f"La agenda quedó como se mostró. {NO_ONE}" in office.page.text
    assert "con un mensaje" not in office.page.text
    hit = await office.change(capacity="2", starts="08:30", ends="09:30")
    said = office.page.text
    assert "Se avisa con un mensaje a 1 persona. Hay que llamar a 1 persona." in said
    assert f'href="{HOME}/cierres/{office.schedule}"' in office.page.html, "where they are listed"
    await office.page.get(nothing)
    assert (AGAIN in office.page.text, NO_ONE in office.page.text) == (True, False)
    await office.preview_change(capacity="2")
    said = office.page.text
    assert NO_ONE not in said
    assert "2 citas afectadas vuelven a quedar en pie" in said
    assert "Se le avisa con un mensaje" in said
    back = await office.change(capacity="2")
    assert "2 citas vuelven a quedar en pie." in office.page.text
    await office.page.get(hit)
    assert (AGAIN in office.page.text, "Hay que llamar" in office.page.text) == (True, False)
    await office.page.get(f"/en{back}")
    assert "2 appointments stand again. Messages don’t reach 1 person" in office.page.text


async def test_who_lost_their_time_by_a_change_is_among_those_to_notify_and_not_after_it_is_given_back_unread(
    office: Office,
) -> None:
    await office.change(ends="09:00")
    await work(until_messages=0)
    await office.page.get("/ventanilla/por-avisar")
    assert "No podremos atender su cita" in office.page.text
    assert '<section class="v-task" aria-labelledby="n1 s1">' in office.page.html, "who and what: one may have two"
    await office.preview_change()
    assert "Nadie: no consta que se le avisara del cierre" in office.page.text
    await office.change()
    assert "1 cita vuelve a quedar en pie." in office.page.text
    assert "no le llegan mensajes" not in office.page.text
    await work(until_messages=0)
    await office.page.get("/ventanilla/por-avisar")
    assert "No hay nadie por avisar" in office.page.text


async def test_a_closing_of_the_whole_unit_says_whom_it_hit_and_ends_when_it_is_opened(office: Office) -> None:
    closed = await office.close()
    said = office.page.text
    assert "Se guardó otro horario a 2 personas." in said
    assert "Se avisa con un mensaje a 1 persona. Hay que llamar a 1 persona." in said
    opened = await office.open_again(closed)
    assert "Se abrió otra vez. 2 citas vuelven a quedar en pie." in office.page.text
    assert "A 1 persona no le llegan mensajes" in office.page.text
    await office.close(room="1")
    await office.page.get(opened)
    assert (AGAIN in office.page.text, "Se abrió otra vez" in office.page.text) == (True, False)


async def test_a_closing_that_hits_no_one_says_nothing_of_messages(office: Office) -> None:
    later = (clock.today(office.unit.timezone) + timedelta(days=5)).isoformat()
    closed = await office.close(first=later, last=later)
    assert f"Quedó cerrado. {NO_ONE}" in office.page.text
    assert "con un mensaje" not in office.page.text
    await office.open_again(closed)
    assert f"Se abrió otra vez. {NO_ONE}" in office.page.text


async def test_all_that_is_wrong_with_a_closing_is_said_at_once(office: Office) -> None:
    here, today = f"{HOME}/cierres", clock.today(office.unit.timezone)
    await office.page.get(f"{here}?unidad={office.unit.id}")
    first, last = today - timedelta(days=1), today - timedelta(days=2)
    typed = {"room": "x", "shift": "Z", "first": first.isoformat(), "last": last.isoformat(), "reason": "other"}
    await office.page.send(f"{here}/vista?unidad={office.unit.id}", **typed)
    for field in ("room", "shift", "first", "last", "reason"):
        assert f'href="#{field}"' in office.page.html, field
