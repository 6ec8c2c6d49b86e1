"""A booking whose session fell silent goes on at its step, with every answer, for the same person and no one else."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.browser_sessions import SERVICE, Clinic
from tests.web.browser import Browser, another_tab
from tests.web.lapsing import account, lapse, open_clinic, sign_in
from tests.web.tabs import silent, to_time

ANSWERS = ("person", "service", "unit", "day", "hold", "moving")
DOORS = ("/citas/identidad", "/entrar")
STEPS = ("quien", "motivo", "clinica", "dia", "hora", "revisar")


async def answers_of(db: Database, who: Person) -> dict[str, Any]:
    """The answers of this person's newest session."""
    asked = text("SELECT answers FROM web_session WHERE person_id = :id ORDER BY id DESC LIMIT 1")
    async with db.transaction() as session:
        found = await session.scalar(asked, {"id": who.id}) or {}
    return {name: found[name] for name in ANSWERS if name in found}


async def each_way(
    clinic: Clinic, tab: Browser, db: Database, page: str, action: str, sent: dict[str, Any], says: str
) -> None:
    """Loaded again or sent after the silence, and in by either door: the page as it was, and its answers."""
    before = await answers_of(db, clinic.ana)
    for typed in (None, sent):
        for sign_in_path in DOORS:
            back = await lapse(tab, db, page, typed, action)
            assert back == (f"{page}?guardado=1" if typed else page), "a button alone has nothing to restore"
            landed = await sign_in(tab, db, clinic.ana, sign_in_path, back)
            assert (landed.status_code, landed.headers["location"]) == (303, back)
            shown = await tab.get(back)
            assert (shown.status_code, says in tab.text) == (200, True), (sign_in_path, typed, tab.text)
            is_restored = bool(typed) and not page.endswith("/clinica")
            assert ("Recuperamos lo que escribió" in tab.text) == is_restored, "the only clinic isn't chosen"
            assert ("La sesión había terminado No se hizo nada" in tab.text) == (bool(typed) and not is_restored)
            assert await answers_of(db, clinic.ana) == before


SAYS = {
    "quien": "¿Para quién es la cita?",
    "motivo": "¿Para qué",
    "clinica": "clínica",
    "dia": "¿Qué día",
    "hora": "¿A qué hora?",
    "revisar": "guardamos este horario",
}


@pytest.mark.parametrize("step", STEPS)
async def test_every_step_goes_on_where_it_was(app: FastAPI, db: Database, step: str) -> None:
    clinic, tab = await open_clinic(app, db)
    sent: dict[str, dict[str, Any]] = {
        "quien": {"person": clinic.ana.id},
        "motivo": {"service": SERVICE},
        "clinica": {"unit": clinic.unit.id},
        "dia": {"day": (clinic.times[0] - timedelta(hours=6)).date().isoformat()},
        "hora": {"time": clinic.time(0)},
        "revisar": {},
    }
    for earlier in STEPS[: STEPS.index(step)]:
        await tab.get(f"/citas/{earlier}")
        assert (await tab.send(f"/citas/{earlier}", **sent[earlier])).status_code == 303
    page = f"/citas/{step}"
    await each_way(clinic, tab, db, page, page, sent[step], SAYS[step])
    for left in STEPS[STEPS.index(step) :]:
        await tab.get(f"/citas/{left}")
        done = await tab.send(f"/citas/{left}", **sent[left])
        assert done.status_code == 303, left
    assert done.headers["location"] == "/citas/listo", "booked in the time that was held"


async def booked(clinic: Clinic, db: Database) -> str:
    async with db.transaction() as session:
        return (await factories.booked(session, clinic.ana, factories.place(clinic.unit, clinic.times[0]))).folio


async def test_moving_goes_on_where_it_was(app: FastAPI, db: Database) -> None:
    clinic, tab = await open_clinic(app, db)
    page = f"/citas/{await booked(clinic, db)}"
    await each_way(clinic, tab, db, page, f"{page}/mover", {}, "Reservada")
    await tab.send(f"{page}/mover")
    await to_time(tab, clinic, 1)
    await each_way(clinic, tab, db, "/citas/revisar", "/citas/revisar", {}, "guardamos este horario")
    assert (await tab.send("/citas/revisar")).headers["location"] == "/citas/listo"
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT start_at FROM appointment")) == clinic.times[1]


async def test_cancelling_goes_on_where_it_was(app: FastAPI, db: Database) -> None:
    clinic, tab = await open_clinic(app, db)
    page = f"/citas/{await booked(clinic, db)}/cancelar"
    await each_way(clinic, tab, db, page, page, {"reason": "better"}, "¿Por qué")
    assert (await tab.send(page, reason="better")).status_code == 303


async def at_review(app: FastAPI, db: Database) -> tuple[Clinic, Browser]:
    clinic, tab = await open_clinic(app, db)
    for step, sent in (
        ("quien", {"person": clinic.ana.id}), ("motivo", {"service": SERVICE}), ("clinica", {"unit": clinic.unit.id})
    ):  # fmt: skip
        await tab.get(f"/citas/{step}")
        await tab.send(f"/citas/{step}", **sent)
    await to_time(tab, clinic, 0)
    return clinic, tab


async def test_a_held_time_that_ended_meanwhile_is_not_shown_as_held(app: FastAPI, db: Database) -> None:
    clinic, tab = await at_review(app, db)
    back = await lapse(tab, db, "/citas/revisar", {}, "/citas/revisar")
    async with db.transaction() as session:
        await session.execute(text("UPDATE seat SET held_until = held_until - interval '1 hour'"))
    await sign_in(tab, db, clinic.ana, "/citas/identidad", back)
    await tab.get(back)
    assert "Se acabó el tiempo para confirmar" in tab.text
    assert "guardamos este horario" not in tab.text
    assert (await answers_of(db, clinic.ana))["day"], "the other answers are there"


@pytest.mark.parametrize("sign_in_path", DOORS)
async def test_another_person_at_the_same_browser_gets_nothing(app: FastAPI, db: Database, sign_in_path: str) -> None:
    clinic, tab = await at_review(app, db)
    async with db.transaction() as session:
        luis = await factories.person(session, clinic.unit)
    await account(db, luis, "TZBA860102HYNCHT06")
    back = await lapse(tab, db, "/citas/revisar", {}, "/citas/revisar")
    await sign_in(tab, db, luis, sign_in_path, back)
    assert await answers_of(db, luis) == {}
    elsewhere = await tab.get(back)
    assert (elsewhere.status_code, elsewhere.headers["location"]) == (303, "/citas/quien")
    assert clinic.ana.full_name not in (await tab.get("/citas/motivo")).text


async def test_signing_out_elsewhere_promises_nothing(app: FastAPI, db: Database) -> None:
    """Signing out ends the booking: the page that is left open begins again, and promises nothing."""
    clinic, tab = await at_review(app, db)
    await tab.get("/citas/revisar")
    form, other = tab.form("/citas/revisar"), another_tab(tab)
    await other.get("/mi")
    await other.send("/salir")
    lost = await tab.client.post("/citas/revisar", data=form)
    await tab.get(lost.headers["location"])
    assert "Guardamos lo que haya escrito" not in tab.text
    await sign_in(tab, db, clinic.ana, "/citas/identidad", "/citas/revisar")
    begun = await tab.get("/citas/revisar")
    assert (begun.status_code, begun.headers["location"]) == (303, "/citas/quien")


async def test_a_visitor_who_is_silent_on_the_way_in_still_comes_back(app: FastAPI, db: Database) -> None:
    """Twice silent: in the booking, and again at the door before the code."""
    clinic, tab = await at_review(app, db)
    back = await lapse(tab, db, "/citas/revisar", {}, "/citas/revisar")
    await tab.get(f"/citas/identidad?next={back}")
    await tab.send("/citas/identidad", identifier=clinic.ana.curp)
    await silent(db)
    await sign_in(tab, db, clinic.ana, "/citas/identidad", back)
    await tab.get(back)
    assert "guardamos este horario" in tab.text
