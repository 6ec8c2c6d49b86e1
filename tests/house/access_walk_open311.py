"""The part of the walk over Open311: with an assistance, since a complaint is a person's."""

from collections.abc import AsyncIterator

from app.registry.access_log import ViewContext
from tests.house.access_walker import Step, Walk

BASE = "/open311/v2"


async def open311(here: Walk) -> AsyncIterator[Step]:
    made = await here.api("POST", "assistances", {"person_id": str(here.scene.ana.id), "channel": "desk"})
    assistance = f"assistances/{made.json()['id']}"
    await here.api("POST", f"{assistance}/identity", {"how": "document", "document": "passport"})
    yield "POST /api/v1/assistances", ViewContext.ASSISTANCE
    headers = here.reader.headers | {"Assistance-Id": made.json()["id"]}
    form = {
        "service_code": "suggestion",
        "address_id": here.scene.unit.clues,
        "description": "Pongan más sillas en la sala de espera.",
    }
    sent = await here.scene.client.post(f"{BASE}/requests.json", data=form, headers=headers)
    assert sent.status_code == 201, sent.text
    yield f"POST {BASE}/requests.{{format}}", ViewContext.CASE
    folio = sent.json()[0]["service_request_id"]
    for path, route, context in (
        ("requests.json", "requests.{format}", ViewContext.LIST),
        (f"requests/{folio}.json", "requests/{code}.{format}", ViewContext.CASE),
        (f"tokens/{folio}.json", "tokens/{code}.{format}", ViewContext.CASE),
    ):
        found = await here.scene.client.get(f"{BASE}/{path}", headers=headers)
        assert found.json()[0]["service_request_id"] == folio, found.text
        yield f"GET {BASE}/{route}", context
    await here.api("POST", f"requests/{folio}/withdraw")
    await here.api("POST", f"{assistance}/end")
