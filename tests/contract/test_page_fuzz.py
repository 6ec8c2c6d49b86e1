"""Every page, asked for and sent forms with what no one should send: no fault of ours, and a page in answer.

Fields come from the forms that the pages show and from the names that their code reads; values mix what is right for
the scene with what parsers trip over. The same values in each run; `VENTANILLA_FUZZ_SEED` tries others.
"""

import inspect
import os
import random
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import update

from app.identity.models import WebSession
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.kernel.http.sse import EventStream
from tests.appointments import factories as places
from tests.requests import actors
from tests.requests.conftest import Scene, files, scene
from tests.web.browser import Browser, signed_in_browser

__all__ = ["files", "scene"]

SEED = os.environ.get("VENTANILLA_FUZZ_SEED", "1")
TRIES = 2
"""Of each form; each page is asked for once."""
NOT_PAGES = ("/api/", "/fhir/", "/health", "/static", "/metrics")
NASTY = [
    "",
    " ",
    "0",
    "-1",
    "²",
    "٣",
    "1e400",
    "nan",
    "99999999999",
    "9" * 400,
    "\0",
    "a\0b",
    "\u200b",
    "<script>alert(1)</script>",
    "'; DROP TABLE event; --",
    "%s %(x)s {} {0}",
    "../../../etc/passwd",
    "//example.org/x",
    "0001-01-01",
    "9999-12-31",
    "99999999999-01-01",
    "0001-01-01T00:00:00+14:00|1",
    "9999-12-31T23:59:59-12:00|1",
    "9999-12-31T23:59:59-12:00@1",
    "2026-11-24T14:20:00+00:00|99999999999999999999",
    "00000000-0000-0000-0000-000000000000",
    "R-7K3M9-QXT2F-R",
    "C-7K3M9-QXT2F-R",
    "XAXX900517MDFBBB01",
    "true",
    "[]",
    "ñ" * 2_001,
    "𝔘𝔫𝔦",
    "line\r\nSet-Cookie: a=b",
]
NAMES = re.compile(r'(?:form|typed)\.(?:get|required|one_of|parsed|many)\(\s*"([\w-]+)"|birth_date\(\s*"([\w-]+)"')
FIELDS = re.compile(r'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"')
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
DATE = ("day", "month", "year")
ENDS = ("/salir", "/borrar", "/terminar")
ASSISTED = "assisted_"
"""How the names of the citizens' pages begin that staff use for a person: tried by reception, with a person there."""
RIGHT = {"-day": "17", "onth": "5", "year": "1990"}
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def is_endless(route: APIRoute) -> bool:
    """Whether it is a stream, which ends with its reader: `tests/faults/test_live_pages.py` tries those."""
    return isinstance(route.response_class, type) and issubclass(route.response_class, EventStream)


def routes(app: FastAPI) -> Iterator[tuple[APIRoute, str]]:
    for route in app.routes:
        if isinstance(route, APIRoute) and not route.path.startswith(NOT_PAGES) and not is_endless(route):
            for method in sorted(route.methods or ()):
                yield route, method


@cache
def names_in(module: str) -> frozenset[str]:
    """The fields that a module reads, as far as its text says."""
    return frozenset(one or other for one, other in NAMES.findall(inspect.getsource(sys.modules[module])))


def names_read(route: APIRoute) -> list[str]:
    """The fields that the code behind a page reads."""
    found = names_in(route.endpoint.__module__)
    dates = [f"{name}-{part}" for name in found if "birth" in name or name.endswith("_on") for part in DATE]
    query = [parameter.alias for parameter in route.dependant.query_params]
    return sorted(name for name in {*found, *dates, *query} if name)


class Caller:
    """A person or a member of staff, and what is true of the scene for them."""

    def __init__(self, browser: Browser, right: dict[str, list[str]], chance: random.Random) -> None:
        self.browser = browser
        self.right = right
        self.chance = chance
        self.hidden: dict[str, str] = {}

    def value(self, name: str) -> str:
        known = self.right.get(name, []) + ([self.hidden[name]] if name in self.hidden else [])
        return self.chance.choice(known) if known and self.chance.random() < 0.5 else self.chance.choice(NASTY)

    def fields(self, names: list[str]) -> dict[str, str]:
        """All right but one, or some of them anyhow."""
        if names and self.chance.random() < 0.6:
            right = {name: self.chance.choice(self.right.get(name) or [RIGHT.get(name[-4:], "1")]) for name in names}
            return right | {self.chance.choice(names): self.chance.choice(NASTY)}
        return {name: self.value(name) for name in self.chance.sample(names, self.chance.randint(0, len(names)))}

    def path(self, route: APIRoute) -> str:
        """The address with an object of the scene, or with a text that a path can carry."""

        def one(match: re.Match[str]) -> str:
            known = self.right.get(match[1], ["1"])
            nasty = [
                text for text in NASTY if text.strip() and "/" not in text and text.isprintable() and len(text) < 99
            ]
            folio = ":folio" in match[0]
            return self.chance.choice(known if folio or self.chance.random() < 0.7 else nasty)

        return PARAMETER.sub(one, route.path)

    async def call(self, route: APIRoute, method: str) -> tuple[str, int, str]:
        path = self.path(route)
        names = names_read(route)
        if method == "POST":
            sent: dict[str, Any] = dict(self.hidden) | self.fields(names)
            answer = await self.browser.client.post(path, data=sent)
        else:
            chosen = self.chance.sample(names, self.chance.randint(0, min(3, len(names))))
            answer = await self.browser.client.get(path, params={name: self.value(name) for name in chosen})
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            self.hidden |= {unescape(name): unescape(value) for name, value in HIDDEN.findall(answer.text)}
        return path, answer.status_code, answer.text


async def citizen_of(app: FastAPI, scene: Scene) -> tuple[Browser, dict[str, list[str]]]:
    async with scene.db.transaction() as session:
        moments = await places.seats(session, scene.unit, count=4)
        booked = await places.booked(session, scene.ana, places.place(scene.unit, moments[0]))
    draft = (await scene.citizen.start("complaint", about="thanks")).json()["folio"]
    sent = (await scene.citizen.submit_request("data-correct", field="name", second_surname="Muñoz"))["folio"]
    issued = (await scene.citizen.submit_request("weeks"))["folio"]
    right = {
        "folio": [booked.folio, draft, sent, issued],
        "service_id": ["complaint", "weeks", "data-correct", "clinic-change"],
        "number": ["1", "2"],
        "person": [str(scene.ana.id)],
        "service": ["family-medicine", "dental"],
        "unit": [str(scene.unit.id)],
        "time": [f"{moments[1].isoformat()}|1"],
        "curp": [scene.ana.curp],
        "nss": [scene.ana.nss or ""],
        "score": ["5"],
        "lang": ["en"],
    }
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id), right


async def half_way(scene: Scene) -> None:
    """The citizen's session, at the last page of the way to an appointment."""
    until = clock.now() + timedelta(minutes=5)
    hold: dict[str, Any] = {
        "id": str(ids.new_id()),
        "room": 1,
        "start_at": until.isoformat(),
        "until": until.isoformat(),
    }
    answers: dict[str, Any] = {"person": str(scene.ana.id), "service": "family-medicine", "unit": str(scene.unit.id)}
    answers |= {"day": until.date().isoformat(), "hold": hold}
    async with scene.db.transaction() as session:
        await session.execute(update(WebSession).where(WebSession.person_id == scene.ana.id).values(answers=answers))


async def staff_of(app: FastAPI, scene: Scene, role: Role) -> tuple[Browser, dict[str, list[str]]]:
    officer = await actors.hire(scene.db, scene.client, role, scene.unit)
    sent = (await scene.citizen.submit_request("data-correct", field="name", second_surname="Muñoz"))["folio"]
    if role in {Role.OFFICER, Role.SUPERVISOR}:
        await officer.claim(sent)
    if role is Role.RECEPTIONIST:
        await attend(scene, officer)
    right = {
        "folio": [sent],
        "person_id": [str(scene.ana.id)],
        "assisted_person": [str(scene.ana.id)],
        "staff_id": [str(officer.staff_id), str(scene.officer.staff_id)],
        "action": ["approve", "refuse"],
        "version": ["1", "2"],
        "note": ["Tarifas"],
        "name": ["time", "money"],
        "kind": ["event", "job"],
        "servicio": ["complaint"],
        "desde": ["W10", "WyJhIiwiYiIsImMiXQ"],
        "curp": [scene.ana.curp],
    }
    return await signed_in_browser(app, scene.db, staff_id=officer.staff_id), right


async def attend(scene: Scene, clerk: actors.Officer) -> None:
    """The clerk acts for Ana, who showed a document."""
    begun = {"person_id": str(scene.ana.id), "channel": "desk"}
    made = await scene.client.post("/api/v1/assistances", json=begun, headers=clerk.keyed())
    seen = {"how": "document", "document": "passport"}
    path = f"/api/v1/assistances/{made.json()['id']}/identity"
    assert (await scene.client.post(path, json=seen, headers=clerk.keyed())).status_code == 200


@pytest.mark.parametrize("who", ["anonymous", "citizen", "officer", "supervisor", "analyst", "admin", "receptionist"])
async def test_no_page_breaks(app: FastAPI, scene: Scene, who: str) -> None:
    chance = random.Random(f"{SEED}-{who}")
    if who == "anonymous":
        browser, right = Browser(scene.client), {"folio": ["C-7K3M9-QXT2F-R"], "service_id": ["weeks"]}
    elif who == "citizen":
        browser, right = await citizen_of(app, scene)
    else:
        browser, right = await staff_of(app, scene, Role(who))
    caller = Caller(browser, right, chance)
    browser.client.headers["Accept"] = "text/html"
    await browser.get("/ayuda")
    broken, refused = [], 0
    # What ends the session would leave nothing to try afterwards.
    asked = [one for one in routes(app) if not one[0].path.endswith(ENDS)]
    if who != Role.RECEPTIONIST:
        asked = [one for one in asked if not one[0].name.startswith(ASSISTED)]
    for _ in range(TRIES):
        chance.shuffle(asked)
        await half_way(scene)
        closed = set()
        for route, method in asked:
            path, status, text = await caller.call(route, method)
            refused += method == "POST" and status == 422
            if status >= 500 or (status >= 400 and "<h1" not in text and not text.startswith("{")):
                broken.append(f"{method} {path}: {status} {text[:200]}")
            if status == 403:
                closed.add((route.path, method))
        # Who may not open a page, may not with other values either: it reads none.
        asked = [one for one in asked if one[1] == "POST" and (one[0].path, one[1]) not in closed]
    assert broken == []
    assert refused > TRIES, "no form was read: nothing was tried"
