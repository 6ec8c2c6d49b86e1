"""What a role may not do is refused before anything is looked at; what doesn't exist is not found."""

import httpx
import pytest

from app.kernel.actor import Role
from app.kernel.ids import new_id
from tests.requests import steps
from tests.requests.conftest import Scene


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.ANALYST])
async def test_only_who_works_requests_decides_in_bulk(scene: Scene, role: Role) -> None:
    other = await steps.hire(scene, role)
    answer = await other.post("bulk", {"folios": ["R-7K3M9-QXT2F-R"], "action": "approve", "preview": True})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role")


async def test_a_referral_to_a_unit_that_does_not_exist_is_not_found(scene: Scene) -> None:
    body = {
        "person_id": str(scene.ana.id),
        "unit_id": str(new_id()),
        "service": "specialist-cardiology",
        "starts_on": "2030-01-01",
        "ends_on": "2030-02-01",
    }
    answer = await scene.officer.client.post("/api/v1/referrals", json=body, headers=scene.officer.keyed())
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_folio_in_an_address_may_be_in_small_letters(scene: Scene, client: httpx.AsyncClient) -> None:
    folio = await steps.complain(scene)
    led = await client.get(f"/tramites/{folio.lower()}", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, f"/entrar?next=/tramites/{folio.lower()}")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.RECEPTIONIST])
async def test_who_works_no_requests_renews_no_lease(scene: Scene, role: Role) -> None:
    folio = await steps.complain(scene)
    answer = await (await steps.hire(scene, role)).post(f"{folio}/heartbeat")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role")


@pytest.mark.parametrize("day", ["0001-01-01", "1026-11-24", "9999-12-31"])
async def test_a_date_of_another_age_is_refused_at_its_field(scene: Scene, day: str) -> None:
    officer = scene.officer
    referral = {"person_id": str(scene.ana.id), "unit_id": str(scene.unit.id), "service": "specialist-cardiology"}
    days = {"starts_on": day, "ends_on": day}
    answer = await officer.client.post("/api/v1/referrals", json=referral | days, headers=officer.keyed())
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["fields"]] == ["starts_on", "ends_on"]
    assert {one["message"] for one in answer.json()["fields"]} == {"Revise el año de la fecha."}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_list_from_or_until_a_day_of_another_age_is_no_fault(scene: Scene, day: str) -> None:
    boss, analyst = await scene.supervisor(), await steps.hire(scene, Role.ANALYST)
    unit, moment = scene.unit.id, f"{day}T00:00:00Z"
    for who, path in (
        (boss, f"work?due_until={day}"),
        (boss, f"work/stopped?due_until={day}"),
        (boss, f"holidays?unit={unit}&since={day}"),
        (boss, f"schedule-exceptions?unit={unit}&since={moment}"),
        (analyst, f"metrics/savings?since={day}&until={day}"),
        (analyst, f"metrics/savings?group_by=month&since=0001-01-01&until={day}"),
        (analyst, f"exports/cells?since={day}&until={day}"),
        (analyst, f"savings?since={day}&until={day}"),
    ):
        answer = await who.client.get(f"/api/v1/{path}", headers=who.headers)
        assert answer.status_code in (200, 422), (path, answer.text)
