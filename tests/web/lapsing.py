"""A session that falls silent while a form is filled, and the way back in."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.models import Account
from app.kernel import clock
from app.registry.models import Person
from tests.conftest import Database
from tests.identity.browser_sessions import Clinic
from tests.web.browser import Browser, signed_in_browser
from tests.web.tabs import family, latest_code, silent


async def account(db: Database, who: Person, curp: str = "NUPA900517MDFXXN07") -> None:
    who.curp = curp
    async with db.transaction() as session:
        await session.execute(text("UPDATE person SET curp = :curp WHERE id = :id"), {"id": who.id, "curp": curp})
        session.add(
            Account(
                person_id=who.id,
                curp=who.curp,
                email=f"{who.curp}@ejemplo.mx".lower(),
                language="es",
                created_at=clock.now(),
                assurance="full",
            )
        )


async def open_clinic(app: FastAPI, db: Database) -> tuple[Clinic, Browser]:
    """A clinic, and Ana, who has a child and an account, signed in at her browser."""
    clinic = await Clinic.open(db)
    await family(db, clinic)
    await account(db, clinic.ana)
    tab = await signed_in_browser(app, db, person_id=clinic.ana.id)
    tab.client.headers["accept"] = "text/html"
    return clinic, tab


async def sign_in(tab: Browser, db: Database, who: Person, sign_in_path: str, page: str) -> httpx.Response:
    """By the code, at a door; where it leads."""
    await tab.get(f"{sign_in_path}?next={page}")
    if sign_in_path == "/citas/identidad":
        assert (await tab.send(sign_in_path, identifier="no")).status_code == 422, (
            "typed wrong first: nothing is lost by it"
        )
    asked = await tab.send(sign_in_path, identifier=who.curp)
    assert asked.status_code == 303, tab.text
    await tab.get(asked.headers["location"])
    return await tab.send(asked.headers["location"], code=(await latest_code(db)).code)


async def lapse(tab: Browser, db: Database, page: str, sent: dict[str, Any] | None, action: str) -> str:
    """The session ends by its silence; then the page is loaded again, or sent. Returns the page that the door leads
    back to."""
    await tab.get(page)
    form = tab.form(action, **sent) if sent is not None else None
    await silent(db)
    lost = await tab.client.post(action, data=form) if form is not None else await tab.client.get(page)
    where = urlsplit(lost.headers["location"])
    assert (lost.status_code, where.path) == (303, "/citas/identidad" if page.startswith("/citas") else "/entrar")
    return parse_qs(where.query)["next"][0]
