"""The pass of an appointment, the headers by which the browser's worker follows it, and the web app manifest."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.identity.models import WebSession
from app.identity.service.sessions import start_session
from app.kernel import clock, ids
from app.kernel.actor import Assurance
from app.web.passes import NONE, ends_at, has_pass, owner_mark, state_of, states_of
from app.web.rendering import static_path
from tests.appointments import factories as places
from tests.examples import examples
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

NOW = datetime(2026, 12, 2, 5, tzinfo=UTC)
"""Eleven at night of the first of December in the centre of the country."""


def appointment(**about: Any) -> Any:
    """An appointment, as far as its pass is concerned."""
    usual = {
        "folio": "C-00000-00000-0", "on_date": date(2026, 12, 1), "timezone": places.ZONE, "status": "booked",
        "affected": None, "version": 1, "start_at": datetime(2026, 12, 1, 16, tzinfo=UTC), "room": 3,
        "service": "family-medicine", "unit_name": "UMF 1", "address": None,
    }  # fmt: skip
    return SimpleNamespace(**(usual | about))


@given(
    st.integers(-40, 40),
    st.sampled_from(["booked", "cancelled", "attended", "missed", "unserved"]),
    st.sampled_from([None, "leave", "unit"]),
    st.sampled_from([places.ZONE, "America/Tijuana", "America/Cancun"]),
)
@examples(30)
def test_an_appointment_that_stands_has_a_pass_until_its_day_ends_at_the_unit(
    hours: int, status: str, affected: str | None, zone: str
) -> None:
    own = appointment(status=status, affected=affected, timezone=zone)
    now = NOW + timedelta(hours=hours)
    ended = now.astimezone(ZoneInfo(zone)).date() > own.on_date
    assert has_pass(own, now) == (status == "booked" and affected is None and not ended)
    assert (state_of(own, now) == f"{own.folio}={NONE}") == (not has_pass(own, now))
    assert ends_at(own).astimezone(ZoneInfo(zone)).isoformat()[:16] == "2026-12-02T00:00"


def test_its_version_is_that_of_what_it_shows() -> None:
    own = appointment()
    assert state_of(own, NOW) == state_of(appointment(), NOW)
    for changed in ({"version": 2}, {"room": 4}, {"unit_name": "UMF 2"}, {"address": "Calle 1"}):
        assert state_of(appointment(**changed), NOW) != state_of(own, NOW), changed
    ended = appointment(folio="C-11111-11111-1", status="cancelled")
    assert states_of([own, ended], NOW, are_all=True) == f"{state_of(own, NOW)}, *=none"
    assert states_of([own, ended], NOW, are_all=False) == state_of(own, NOW)


def test_whose_a_session_is_is_a_mark_that_names_no_one() -> None:
    def session(person: Any, level: str) -> WebSession:
        return cast("WebSession", SimpleNamespace(person_id=person, assurance=level))

    ana, dan = ids.new_id(), ids.new_id()
    marks = [owner_mark(session(who, level)) for who in (ana, dan) for level in ("low", "full")]
    assert len(set(marks)) == 4
    assert owner_mark(session(ana, "full")) in marks
    assert not any(str(ana)[:8] in mark for mark in marks)


@dataclass
class Booked:
    """Ana in her browser, with an appointment tomorrow."""

    app: FastAPI
    scene: Scene
    browser: Browser
    folio: str

    @property
    def path(self) -> str:
        return f"/citas/{self.folio}/tarjeta"


@pytest.fixture
async def booked(app: FastAPI, scene: Scene) -> Booked:
    async with scene.db.transaction() as session:
        (start,) = await places.seats(session, scene.unit, start_at=places.tomorrow(15))
        made = await places.booked(session, scene.ana, places.place(scene.unit, start))
    return Booked(app, scene, await signed_in_browser(app, scene.db, person_id=scene.ana.id), made.folio)


async def test_a_pass_says_all_that_reception_asks_for_and_has_nothing_of_the_session(booked: Booked) -> None:
    shown = await booked.browser.get(booked.path)
    assert shown.status_code == 200
    for said in ("Ana Núñez Peña", booked.scene.unit.name, booked.folio, "Consultorio", "Medicina familiar"):
        assert said in booked.browser.text
    assert booked.browser.html.count("<svg") == 1
    assert not re.search(r'csrf|<form|name="idempotency|v-header__who', booked.browser.html)
    assert "imprimir esta página" in booked.browser.text
    headers = shown.headers
    assert headers["cache-control"] == "no-store"
    day = clock.today(booked.scene.unit.timezone) + timedelta(days=1)
    until = datetime.fromisoformat(headers["pass-until"]).astimezone(ZoneInfo(booked.scene.unit.timezone))
    assert (until.date(), until.hour) == (day + timedelta(days=1), 0)
    assert re.fullmatch(rf"{booked.folio}=[0-9a-f]{{12}}", headers["pass-state"])
    assert unquote(headers["pass-title"]).startswith("Ana · Medicina familiar · "), "whose it is"
    english = await booked.browser.get(f"/en{booked.path}")
    assert "Appointment pass" in booked.browser.text
    assert english.headers["pass-state"] == headers["pass-state"], "one pass in either language"


async def test_every_other_address_of_a_pass_leads_to_the_one_that_it_is_saved_under(booked: Booked) -> None:
    folio, path = booked.folio, booked.path
    host = str(booked.browser.client.base_url).rstrip("/")
    spelled = [folio.lower(), folio.replace("-", ""), folio.replace("-", "%2D"), f"{folio}%20"]
    aliases = [f"{path}/", f"{path}%2f", f"/{path}", *(f"/citas/{one}/tarjeta" for one in spelled)]
    for prefix in ("", "/en"):
        for alias in aliases:
            answer = await booked.browser.client.get(host + prefix + alias)
            assert (answer.status_code, answer.headers.get("location")) == (303, prefix + path), prefix + alias
            assert "pass-until" not in answer.headers
        assert (await booked.browser.client.get(f"{prefix}{path}?x=1")).status_code == 200
    for unprintable in ("%00", "%01", "%1f", "%7f"):
        for page in ("", "/tarjeta"):
            answer = await booked.browser.client.get(f"/citas/{folio}{unprintable}{page}")
            assert answer.status_code == 404, (unprintable, page)


async def test_the_list_of_saved_passes_is_filled_in_by_the_worker(booked: Booked, client: httpx.AsyncClient) -> None:
    assert static_path("passes.js") in (await client.get("/tarjetas")).text
    await booked.browser.get(booked.path)
    assert 'href="/tarjetas"' in booked.browser.html
    await booked.browser.get(f"/en{booked.path}")
    assert 'href="/en/tarjetas"' in booked.browser.html


async def test_what_the_worker_writes_into_has_its_places(booked: Booked, client: httpx.AsyncClient) -> None:
    """The worker knows these by their letters."""
    await booked.browser.get(booked.path)
    for place in ('data-saved="offline" hidden', 'data-saved="lapsed" hidden', f'data-zone="{places.ZONE}"'):
        assert booked.browser.html.count(place) == 1, place
    assert booked.browser.html.count("<time data-saved-at></time>") == 2
    for prefix in ("", "/en"):
        page = (await client.get(f"{prefix}/sin-conexion")).text
        for place in ("data-passes hidden", "<li data-pass></li>", "data-none"):
            assert page.count(place) == 1, place
    worker = (await client.get("/worker.js")).text
    for place in ("data-passes hidden", "<li data-pass></li>", "data-none", "<time data-saved-at></time>", "data-zone"):
        assert place in worker, place


async def test_a_pass_is_for_who_may_see_the_appointment(booked: Booked) -> None:
    """As their appointment is: not for others, and for who acts for a child. What the worker asks without a session is
    refused in words."""
    async with booked.scene.db.transaction() as session:
        other = await places.person(session, booked.scene.unit)
    theirs = await signed_in_browser(booked.app, booked.scene.db, person_id=other.id)
    refused = await theirs.get(booked.path)
    assert (refused.status_code, "pass-until" in refused.headers) == (404, False)
    async with booked.scene.db.transaction() as session:
        await places.depend(session, other, booked.scene.ana)
    assert (await theirs.get(booked.path)).status_code == 200
    assert booked.folio in theirs.text
    theirs.client.cookies.clear()
    refused = await theirs.get(booked.path)
    assert (refused.status_code, "pass-until" in refused.headers) == (401, False)
    page = await theirs.client.get(booked.path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"].partition("?")[0]) == (303, "/citas/identidad")


async def test_without_a_name_for_who_may_only_know_a_persons_data(booked: Booked) -> None:
    async with booked.scene.db.transaction() as session:
        _row, token = await start_session(session, person_id=booked.scene.ana.id, assurance=Assurance.LOW)
    full = (await booked.browser.get(booked.path)).headers["pass-owner"]
    booked.browser.client.cookies.set("ventanilla", token, domain="127.0.0.1")
    low = await booked.browser.get(booked.path)
    assert "Núñez" not in booked.browser.text
    assert unquote(low.headers["pass-title"]).startswith("Medicina familiar · ")
    assert low.headers["pass-owner"] != full, "what was saved with the name isn't theirs"
    assert "*=" not in (await booked.browser.get("/mi")).headers["pass-state"]


async def test_pages_say_which_passes_are_still_true(booked: Booked) -> None:
    state = (await booked.browser.get(booked.path)).headers["pass-state"]
    assert (await booked.browser.get(f"/citas/{booked.folio}")).headers["pass-state"] == state
    assert booked.path in booked.browser.html
    mine = await booked.browser.get("/mi")
    assert mine.headers["pass-state"] == f"{state}, *=none"
    owner = mine.headers["pass-owner"]
    assert (await booked.browser.get("/tramites")).headers["pass-owner"] == owner
    await booked.browser.get(f"/citas/{booked.folio}/cancelar")
    await booked.browser.send(f"/citas/{booked.folio}/cancelar", reason="other")
    page = await booked.browser.get(f"/citas/{booked.folio}")
    assert page.headers["pass-state"] == f"{booked.folio}=none"
    assert booked.path not in booked.browser.html
    answer = await booked.browser.get(booked.path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/citas/{booked.folio}")
    assert (await booked.browser.get("/mi")).headers["pass-state"] == "*=none"


async def test_an_affected_appointment_has_no_pass(booked: Booked) -> None:
    await steps.run(booked.scene, "UPDATE appointment SET affected = 'leave'")
    assert (await booked.browser.get(booked.path)).status_code == 303
    page = await booked.browser.get(f"/citas/{booked.folio}")
    assert page.headers["pass-state"] == f"{booked.folio}=none"


async def test_signing_out_clears_what_the_browser_stored_and_shared_devices_store_nothing(booked: Booked) -> None:
    await booked.browser.get(booked.path)
    assert static_path("pass.js") in booked.browser.html
    page = await booked.browser.get("/mi")
    assert "pass-owner" in page.headers
    out = await booked.browser.send("/salir")
    assert '"storage"' in out.headers["clear-site-data"]
    assert "pass-owner" not in (await booked.browser.get("/")).headers
    shared = await signed_in_browser(booked.app, booked.scene.db, person_id=booked.scene.ana.id)
    shared.client.cookies.set("ventanilla_work", "1", domain="127.0.0.1")
    page = await shared.get(booked.path)
    assert page.status_code == 200
    assert "pass-owner" not in page.headers
    assert static_path("pass.js") not in shared.html


@pytest.mark.parametrize(("prefix", "language", "start"), [("", "es-MX", "/"), ("/en", "en", "/en")])
async def test_the_manifest_makes_the_portal_an_app_in_each_language(
    client: httpx.AsyncClient, prefix: str, language: str, start: str
) -> None:
    home = (await client.get(prefix or "/")).text
    assert f'<link rel="manifest" href="{prefix}/manifest.webmanifest">' in home
    answer = await client.get(f"{prefix}/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    found = answer.json()
    assert (found["id"], found["scope"], found["display"], found["dir"]) == ("/", "/", "standalone", "ltr")
    assert (found["lang"], found["start_url"], found["name"], found["short_name"]) == (
        language, start, "Ventanilla", "Ventanilla",
    )  # fmt: skip
    theme = re.search(r'<meta name="theme-color" content="([^"]+)">', home)
    assert theme
    assert found["theme_color"] == theme[1]
    for shortcut in found["shortcuts"]:
        assert shortcut["url"].startswith(f"{prefix}/")
        page = await client.get(shortcut["url"], headers={"Accept": "text/html"})
        assert page.status_code in (200, 303)
    touch = re.search(r'<link rel="apple-touch-icon" href="([^"]+)">', home)
    assert touch
    pictures = {(one["src"], one["sizes"], one["purpose"]) for one in found["icons"]}
    assert {(size, purpose) for _src, size, purpose in pictures} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    for src, size, purpose in [*pictures, (touch[1], "180x180", "maskable")]:
        icon = await client.get(src)
        assert icon.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(icon.content)) as picture:
            assert f"{picture.width}x{picture.height}" == size
            corner = picture.convert("RGBA").getpixel((0, 0))
        assert corner == ((19, 50, 43, 255) if purpose == "maskable" else (0, 0, 0, 0)), (src, corner)


async def test_pages_of_staff_are_not_to_be_installed(client: httpx.AsyncClient) -> None:
    page = (await client.get("/ventanilla/entrar")).text
    assert "manifest" not in page
    assert "apple-touch-icon" not in page
