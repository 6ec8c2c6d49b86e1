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
    answer = await scene.officer.client.post("/api/v1/referrals", json=body, headers=scene.officer.headers)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_folio_in_an_address_may_be_in_small_letters(scene: Scene, client: httpx.AsyncClient) -> None:
    folio = await steps.complain(scene)
    led = await client.get(f"/tramites/{folio.lower()}", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, f"/entrar?next=/tramites/{folio.lower()}")
