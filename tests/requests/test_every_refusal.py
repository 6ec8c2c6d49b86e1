"""Every rule of every service has been seen to stand in the way, over HTTP: those the tests of the services don't
reach, each by itself. What a rule that must hold does is refuse; of the others an officer decides."""

from datetime import date
from typing import Any

import pytest

from app.registry.models import Coverage, Panel
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import ago, create_person, failed, found_by_staff, relative, worked

CLINIC: dict[str, Any] = {"postal_code": "06700", "shift": "V"}


async def clinic(scene: Scene, *, assigned: int = 0, postal_code: str = "06700") -> dict[str, Any]:
    """A unit that serves a postal code and has ten places; the answers that ask for it."""
    async with scene.db.transaction() as session:
        unit = await places.unit(session, name="UMF 2")
        session.add(Coverage(postal_code=postal_code, unit_id=unit.id))
        session.add(Panel(unit_id=unit.id, shift="V", room=3, capacity=10, assigned=assigned))
    return CLINIC | {"unit_id": str(unit.id)}


@pytest.mark.parametrize("service", ["clinic-change", "clinic-register"])
async def test_a_clinic_needs_rights_in_force(scene: Scene, service: str) -> None:
    who = await create_person(scene, insured=False)
    done = await who.submit_request(service, **await clinic(scene))
    assert (done["outcome"], failed(done)) == ("refused", {"rights_in_force"})
    assert done["reasons"][0]["ground"] == "Ley del Seguro Social, arts. 84 y 109"


async def test_a_first_clinic_that_does_not_serve_the_postal_code_is_for_an_officer(scene: Scene) -> None:
    far = await clinic(scene, postal_code="64000")
    await clinic(scene)
    done = await scene.citizen.submit_request("clinic-register", **far)
    assert (done["kind"], failed(done)) == ("review", {"postal_code_served"})


async def test_a_first_clinic_without_a_place_is_for_an_officer(scene: Scene) -> None:
    done = await scene.citizen.submit_request("clinic-register", **await clinic(scene, assigned=10))
    assert (done["kind"], failed(done)) == ("review", {"room_with_place"})


async def test_a_mother_hardly_older_than_her_child_is_for_an_officer(scene: Scene) -> None:
    young = await relative(scene, date(1984, 1, 1))
    done = await scene.citizen.submit_request(
        "dependant-add", kinship="parent", dependant_curp=young, lives_with_me=True
    )
    assert (done["kind"], failed(done)) == ("review", {"parent_older"})


async def test_what_the_registry_knows_of_another_person_is_no_ground(scene: Scene) -> None:
    """The applicant doesn't learn whether a CURP is registered, and the log of events says nothing of it."""
    unknown = actors.curp(date(1960, 1, 1))
    done = await scene.citizen.submit_request(
        "dependant-add", kinship="parent", dependant_curp=unknown, lives_with_me=False
    )
    assert done["outcome"] == "refused", done["checks"]
    assert [one["code"] for one in done["reasons"]] == ["answer_is"]
    (decided,) = await steps.facts(scene, done["folio"], "request.decided")
    assert decided.payload["reasons"] == ["answer_is"]


async def test_voluntary_continuation_needs_a_number(scene: Scene) -> None:
    who = await create_person(scene, insured=False, nss=False)
    await worked(scene, who, (ago(1000), ago(100)))
    done = await who.submit_request("modality-40", daily_wage=1000, starts="request")
    assert (done["outcome"], failed(done)) == ("refused", {"has_nss"})


async def test_a_withdrawal_needs_a_number(scene: Scene) -> None:
    who = await create_person(scene, insured=False, nss=False)
    await worked(scene, who, (date(2015, 1, 1), ago(60)))
    done = await who.submit_request("unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True)
    assert (done["outcome"], failed(done)) == ("refused", {"has_nss"})


async def test_a_place_for_a_child_no_one_knows_is_for_an_officer(scene: Scene) -> None:
    stranger = actors.curp(ago(400))
    about: dict[str, Any] = {"postal_code": "06700", "hours": "morning", "siblings": True, "single_parent": False}
    done = await scene.citizen.submit_request("nursery", dependant_curp=stranger, **about)
    assert (done["kind"], await found_by_staff(scene, done["folio"])) == ("review", {"relative_known", "is_my_child"})


@pytest.mark.parametrize("service", ["vigencia", "complaint"])
async def test_what_has_no_rules_is_for_everyone(scene: Scene, service: str) -> None:
    """Who never worked has a right to know it in writing, and to complain."""
    who = await create_person(scene, insured=False, nss=False)
    story: dict[str, Any] = {"about": "complaint", "story": "Nadie contesta."} if service == "complaint" else {}
    done = await who.submit_request(service, **story)
    assert (done["outcome"] or done["kind"], failed(done)) == ("review" if story else "approved", set())
