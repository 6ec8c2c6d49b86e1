"""A complaint is sent, answered and followed; and what is refused."""

import base64
from typing import Any

import pytest

from app.identity.models import Account
from app.identity.tokens import CITIZEN, issue_access_token
from app.interop.open311.problems import ApiKeyMissing
from app.kernel import clock
from app.kernel.actor import Assurance
from app.kernel.ids import new_id
from tests.appointments import factories as places
from tests.interop.open311.conftest import BASE, WORDS, errors, send, sent, tree
from tests.requests import actors, steps
from tests.requests.conftest import Scene


async def get(scene: Scene, path: str, who: actors.Citizen | None = None, /, **params: Any) -> Any:
    return await scene.client.get(f"{BASE}/{path}", headers=(who or scene.citizen).headers, params=params)


async def test_a_complaint_is_the_portals_own_and_closes_with_its_answer(scene: Scene, form: dict[str, str]) -> None:
    answer = await send(scene, form | {"attribute[happened_on]": "2026-01-02T05:30:00Z", "phone": "5555555555"})
    assert answer.status_code == 201, answer.text
    (made,) = answer.json()
    folio = made["service_request_id"]
    assert made["account_id"] == str(scene.ana.id)
    row = await steps.row(scene, folio)
    assert (row.service, row.kind, row.channel) == ("complaint", "review", "api")
    # Half past five by Greenwich is still the day before at the unit.
    story = {"about": "complaint", "unit_id": str(scene.unit.id), "story": WORDS, "happened_on": "2026-01-01"}
    assert row.answers == story
    (shown,) = (await get(scene, f"requests/{folio}.json")).json()
    assert (shown["status"], shown["service_code"], shown["description"]) == ("open", "complaint", WORDS)
    assert shown["address_id"] == scene.unit.clues
    assert shown["agency_responsible"] == scene.unit.name
    assert shown["expected_datetime"] > shown["requested_datetime"]
    await scene.officer.claim(folio)
    decided = await scene.officer.decide(folio, "approve", "answered", message="Abre a las nueve desde hoy.")
    assert decided.status_code == 200, decided.text
    root = tree(await get(scene, f"requests/{folio}.xml"))
    assert (root.tag, root.findtext("request/status")) == ("service_requests", "closed")
    assert root.findtext("request/status_notes") == "Contestada. Abre a las nueve desde hoy."
    (token,) = (await get(scene, f"tokens/{folio}.json")).json()
    assert token == {"service_request_id": folio, "token": folio}


async def test_a_list_is_of_ones_own_only(scene: Scene, form: dict[str, str]) -> None:
    first = await sent(scene, form)
    second = await sent(scene, form | {"service_code": "thanks", "description": "Gracias por la atención."})
    other = await steps.create_person(scene)
    assert (await get(scene, "requests.json", other)).json() == []
    assert (await get(scene, f"requests/{first}.json", other)).status_code == 404
    assert (await get(scene, "requests.json", other, service_request_id=first)).json() == []

    async def listed(**params: str) -> list[str]:
        return [one["service_request_id"] for one in (await get(scene, "requests.json", **params)).json()]

    assert await listed() == [second, first]
    assert await listed(service_code="complaint") == [first]
    assert await listed(status="closed") == []
    assert await listed(page_size="1", page="2") == [first]
    assert await listed(service_request_id=f"{first},{second},NOPE", status="closed") == [first, second]
    assert await listed(start_date="2001-01-01T00:00:00Z") == []
    anonymous = await scene.client.get(f"{BASE}/requests/{first}.json")
    assert anonymous.status_code == 403
    assert WORDS not in anonymous.text


async def test_a_draft_and_a_request_of_another_service_arent_shown(scene: Scene) -> None:
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    other = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    for folio in (draft, other):
        assert (await get(scene, f"requests/{folio}.json")).status_code == 404
    assert (await get(scene, "requests.json")).json() == []


async def test_the_key_may_be_in_the_form_or_in_the_address_as_user_information(
    scene: Scene, form: dict[str, str]
) -> None:
    token = scene.citizen.headers["Authorization"].removeprefix("Bearer ")
    path = f"{BASE}/requests.json"
    answer = await scene.client.post(path, data=form | {"api_key": token})
    assert answer.status_code == 201, answer.text
    basic = base64.b64encode(f"api_key:{token}".encode()).decode()
    found = await scene.client.get(path, headers={"Authorization": f"Basic {basic}"})
    assert len(found.json()) == 1
    missing = ApiKeyMissing().sentence()
    for refused in (
        await scene.client.post(path, data=form),
        await scene.client.get(path, params={"api_key": token}),
        await scene.client.get(path, headers=[(b"Authorization", "Basic ñ!".encode())]),
    ):
        assert (refused.status_code, errors(refused)) == (403, [missing])
    wrong = await scene.client.post(path, data=form | {"api_key": "xyz"})
    assert wrong.status_code == 403
    assert errors(wrong) != [missing]


async def test_sent_again_it_is_the_same_one(scene: Scene, form: dict[str, str]) -> None:
    key = str(new_id())
    token = scene.citizen.headers["Authorization"].removeprefix("Bearer ")
    first = await send(scene, form, Idempotency_Key=key)
    again = await send(scene, form | {"api_key": token}, Idempotency_Key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await send(scene, form | {"description": WORDS * 2}, Idempotency_Key=key)
    assert other.status_code == 400
    without = await send(scene, form)
    assert without.status_code == 409
    assert first.json()[0]["service_request_id"] in errors(without)[0]


async def test_what_was_begun_in_the_portal_isnt_mixed_with_it(scene: Scene, form: dict[str, str]) -> None:
    draft = (await scene.citizen.start("complaint", about="thanks", story="Gracias a la enfermera")).json()
    refused = await send(scene, form)
    assert refused.status_code == 409
    assert draft["folio"] in errors(refused)[0]
    assert (await steps.row(scene, draft["folio"])).answers["about"] == "thanks"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service_code": ""}, "service_code"),
        ({"address_id": "DFIMS999999"}, "address_id"),
        ({"address_id": ""}, "address_id"),
        ({"address_id": "", "address_string": "ninguna parte"}, "address_string"),
        ({"address_id": "", "lat": "1.5", "long": "x"}, "lat"),
        ({"address_id": "", "lat": "1.5", "long": "2.5"}, "lat"),
        ({"description": "Mal"}, "description"),
        ({"media_url": "http://media.example/1.jpg"}, "media_url"),
        ({"account_id": "12"}, "account_id"),
        ({"attribute[color]": "red"}, "attribute[color]"),
        ({"attribute[happened_on]": "ayer"}, "attribute[happened_on]"),
        ({"attribute[happened_on]": "2090-01-01"}, "attribute[happened_on]"),
    ],
)
async def test_a_wrong_field_is_named(scene: Scene, form: dict[str, str], change: dict[str, str], field: str) -> None:
    refused = await send(scene, form | change)
    assert refused.status_code == 400, refused.text
    assert [one.partition(":")[0] for one in errors(refused)] == [field]
    assert (await get(scene, "requests.json")).json() == []


async def test_a_point_or_a_name_is_the_unit_there(scene: Scene, form: dict[str, str]) -> None:
    async with scene.db.transaction() as session:
        near = await places.unit(session, name="UMF Puente Viejo")
        near.latitude, near.longitude = 19.4326, -99.1332
        farther = await places.unit(session, name="UMF Lejana")
        farther.latitude, farther.longitude = 19.4380, -99.1332
    for place in ({"lat": "19.4340", "long": "-99.1332"}, {"address_string": "Puente Viejo"}):
        text = f"{WORDS} {sorted(place)}"
        folio = await sent(scene, {"service_code": "complaint", "description": text} | place)
        assert (await steps.row(scene, folio)).answers["unit_id"] == str(near.id)
    beyond = {"lat": "19.4241", "long": "-99.1244"}  # over a kilometre away, by the diagonal
    refused = await send(scene, {"service_code": "complaint", "description": WORDS} | beyond)
    assert (refused.status_code, errors(refused)[0][:4]) == (400, "lat:")


async def test_the_low_level_of_assurance_is_enough(scene: Scene, form: dict[str, str]) -> None:
    async with scene.db.transaction() as session:
        session.add(Account(person_id=scene.ana.id, curp=scene.ana.curp, created_at=clock.now(), assurance="low"))
    token, _seconds = issue_access_token(CITIZEN, scene.ana.id, assurance=Assurance.LOW)
    made = await scene.client.post(f"{BASE}/requests.json", data=form | {"api_key": token})
    assert made.status_code == 201, made.text


async def test_for_a_relative_and_for_no_stranger(scene: Scene, form: dict[str, str]) -> None:
    child, stranger = await steps.create_person(scene), await steps.create_person(scene)
    async with scene.db.transaction() as session:
        await places.depend(session, scene.ana, await session.get_one(type(scene.ana), child.person_id))
    made = await send(scene, form | {"account_id": str(child.person_id)})
    assert (made.status_code, made.json()[0]["account_id"]) == (201, str(child.person_id))
    assert (await send(scene, form | {"account_id": str(stranger.person_id)})).status_code == 404


async def test_what_no_one_should_send_is_answered(scene: Scene, form: dict[str, str]) -> None:
    headers = scene.citizen.headers
    path = f"{BASE}/requests.json"
    files = {"media": ("a.png", b"x", "image/png")}
    assert (await scene.client.post(path, data=form, files=files, headers=headers)).status_code == 415
    many = {f"field{number}": "x" for number in range(200)}
    assert (await scene.client.post(path, data=form | many, headers=headers)).status_code == 400
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await scene.client.post(path, content=b"service_code=%ff", headers=headers | kind)).status_code == 400
    for nasty in ("\0", "😀", "<b>&", "9" * 400, "\x01 con un carácter que XML no tiene"):
        answer = await send(scene, form | {"description": nasty, "attribute[happened_on]": nasty})
        assert answer.status_code == 400, answer.text
        for param in ("service_request_id", "start_date", "status", "page"):
            found = await get(scene, "requests.xml", **{param: nasty})
            assert found.status_code in (200, 400), found.text
            tree(found)
