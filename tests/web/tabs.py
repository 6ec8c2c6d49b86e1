"""Tabs that several tests of pages open, and what is typed in them."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text

from app.identity.models import SignInCode
from app.identity.service.code_delivery import CodeToSend, find_code_to_send
from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.identity.browser_sessions import Clinic
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser


async def new_client(
    app: FastAPI, db: Database, *, person_id: UUID | None = None, staff_id: UUID | None = None
) -> Browser:
    """As `signed_in_browser`, by a browser, which is answered with pages."""
    browser = await signed_in_browser(app, db, person_id=person_id, staff_id=staff_id)
    browser.client.headers["accept"] = "text/html"
    return browser


async def silent(db: Database, minutes: int = 30) -> None:
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE web_session SET seen_at = seen_at - make_interval(mins => :minutes)"), {"minutes": minutes}
        )


def back_to(answer: httpx.Response) -> str:
    """The page that the door leads to."""
    return parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]


async def started(scene: Scene) -> str:
    return str((await scene.citizen.start("complaint")).json()["folio"])


async def family(db: Database, clinic: Clinic) -> Person:
    async with db.transaction() as session:
        child = await places.person(session, clinic.unit, birth_on=date(2018, 5, 5), insured=False)
        await places.depend(session, clinic.ana, child)
        return child


async def to_time(tab: Browser, clinic: Clinic, number: int) -> None:
    await tab.get("/citas/dia")
    await tab.send("/citas/dia", day=(clinic.times[0] - timedelta(hours=6)).date().isoformat())
    await tab.get("/citas/hora")
    assert (await tab.send("/citas/hora", time=clinic.time(number))).status_code == 303
    await tab.get("/citas/revisar")


async def latest_code(db: Database) -> CodeToSend:
    async with db.transaction() as session:
        challenge_id = await session.scalar(select(SignInCode.id).order_by(SignInCode.id.desc()).limit(1))
        assert isinstance(challenge_id, UUID)
        found = await find_code_to_send(session, challenge_id)
    assert found is not None
    return found
