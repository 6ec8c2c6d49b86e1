"""The part of the walk on which staff act for a person: by the API with an assistance, and the pages that begin one."""

from collections.abc import AsyncIterator
from typing import Any

from app.kernel.actor import Role
from app.registry.access_log import ViewContext
from tests.house.access_walker import Step, Walk
from tests.requests import steps

PAGES = "/ventanilla/asistida"
PERSON = PAGES + "/{person_id}"


async def assistance(here: Walk) -> AsyncIterator[Step]:
    async for step in _api(here):
        yield step
    async for step in _pages(here):
        yield step


async def _api(here: Walk) -> AsyncIterator[Step]:
    who = str(here.scene.ana.id)
    for path in ("availability", "availability/2026-12-01"):
        await here.api("GET", path, params={"service": "family-medicine", "person": who})
        yield f"GET /api/v1/{path.replace('2026-12-01', '{day}')}", ViewContext.APPOINTMENT
    made = await here.api("POST", "assistances", {"person_id": who, "channel": "desk"})
    yield "POST /api/v1/assistances", ViewContext.ASSISTANCE
    at = f"assistances/{made.json()['id']}"
    await here.api("POST", f"{at}/identity", {"how": "document", "document": "passport"})
    yield "POST /api/v1/assistances/{assistance_id}/identity", ViewContext.ASSISTANCE
    await here.api("GET", at)
    yield "GET /api/v1/assistances/{assistance_id}", ViewContext.ASSISTANCE
    async for step in _requests(here, {"Assistance-Id": made.json()["id"]}):
        yield step
    await here.api("POST", f"{at}/end")


async def _requests(here: Walk, named: dict[str, str]) -> AsyncIterator[Step]:
    async def send(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = here.reader.keyed() | named
        answer = await here.scene.client.request(method, f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    body = {"service": "complaint", "answers": {"about": "complaint", "story": "La farmacia estaba cerrada."}}
    folio = (await send("POST", "requests", body))["folio"]
    yield "POST /api/v1/requests", ViewContext.CASE
    await send("PATCH", f"requests/{folio}", {"answers": {"about": "complaint"}})
    yield "PATCH /api/v1/requests/{folio}", ViewContext.CASE
    await send("GET", f"requests/{folio}/units")
    yield "GET /api/v1/requests/{folio}/units", ViewContext.CASE
    await send("GET", "wait-list")
    yield "GET /api/v1/wait-list", ViewContext.APPOINTMENT
    await send("GET", "draw-registrations")
    yield "GET /api/v1/draw-registrations", ViewContext.APPOINTMENT
    await send("GET", "requests")
    yield "GET /api/v1/requests", ViewContext.LIST
    await send("POST", f"requests/{folio}/submit")
    yield "POST /api/v1/requests/{folio}/submit", ViewContext.CASE
    # Who filed it doesn't decide it: someone else asks.
    officer = await steps.hire(here.scene, Role.OFFICER)
    for action, sent in (("claim", None), ("ask", {"body": "¿Cuándo fue?"})):
        answer = await here.scene.client.post(f"/api/v1/work/{folio}/{action}", json=sent, headers=officer.keyed())
        assert answer.status_code == 200, answer.text
    await send("POST", f"requests/{folio}/answer", {"body": "El lunes."})
    yield "POST /api/v1/requests/{folio}/answer", ViewContext.CASE
    await send("POST", f"requests/{folio}/withdraw")
    yield "POST /api/v1/requests/{folio}/withdraw", ViewContext.CASE


async def _pages(here: Walk) -> AsyncIterator[Step]:
    page, home = here.page, f"{PAGES}/{here.scene.ana.id}"
    await page.get(home)
    yield f"GET {PERSON}", ViewContext.ASSISTANCE
    await page.send(f"{home}/inicio", channel="desk")
    yield f"POST {PERSON}/inicio", ViewContext.ASSISTANCE
    await page.get(PAGES)
    yield f"GET {PAGES}", ViewContext.ASSISTANCE
    for action, fields in (
        ("preguntas", {}),
        ("codigo", {}),
        ("codigo/comprobar", {"code": "000000"}),
        ("documento", {"document": "passport"}),
        ("terminar", {}),
    ):
        await page.get(home)
        await page.send(f"{home}/{action}", via=f"{home}/documento", **fields)
        yield f"POST {PERSON}/{action}", ViewContext.ASSISTANCE
