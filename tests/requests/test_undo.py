"""An approval that corrected data is undone by who gave it, for ten minutes: the registry, the search, the request and
the messages follow; no one else may, nor later, nor after another change."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.kernel import clock
from app.kernel.actor import Role
from app.registry.models import FormerCurp, Person, PersonCorrection
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import ana, approve, found_by


async def approved(scene: Scene, **answers: Any) -> str:
    folio: str = (await scene.citizen.submit_request("data-correct", **(answers or actors.NAME)))["folio"]
    await approve(scene, folio)
    return folio


async def undo(by: actors.Officer, folio: str, key: str | None = None) -> tuple[int, dict[str, Any]]:
    answer = await by.post(f"{folio}/undo", key=key)
    return answer.status_code, answer.json()


async def test_all_is_as_it_was_and_the_request_is_with_who_approved(scene: Scene) -> None:
    folio = await approved(scene)
    before = await steps.row(scene, folio)
    seen = await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)
    assert "undo" in seen.json()["actions"]
    assert await found_by(scene, "Ana Núñez Muñoz") == {folio}
    status, done = await undo(scene.officer, folio, key="one-and-only-key")
    assert (status, done["status"], done["kind"], done["outcome"]) == (200, "review", "review", None)
    assert (done["reasons"], done["rows"], done["decided_at"], done["due_on"]) == ([], [], None, str(before.due_on))
    assert [one["after"] for one in done["changes"]] == ["Muñoz"], "what an approval would change again"
    assert (await ana(scene)).second_surname == "Peña"
    assert await found_by(scene, "Ana Núñez Peña") == {folio}
    assert await found_by(scene, "Muñoz") == set()
    item = await steps.item(scene, folio)
    assert item is not None
    assert item.holder_id == scene.officer.staff_id
    event = steps.only(await steps.facts(scene, folio, "request.approval-undone"))
    assert set(event.payload) == {"folio", "correction_id", "due_on"}
    assert (await undo(scene.officer, folio, key="one-and-only-key"))[0] == 200, "pressed twice, undone once"
    assert (await undo(scene.officer, folio))[1]["type"] == "/problems/wrong-state"
    assert (await approve(scene, folio))["outcome"] == "approved", "and it can be approved again"
    assert (await undo(scene.officer, folio))[0] == 200
    assert await steps.how_many(scene, PersonCorrection, PersonCorrection.undone_at.is_not(None)) == 2


async def test_a_new_curp_is_taken_back_with_all_that_goes_by_it(scene: Scene) -> None:
    answers = actors.sex()
    folio = await approved(scene, **answers)
    assert (await undo(scene.officer, folio))[0] == 200
    person = await ana(scene)
    assert (person.curp, person.sex) == (scene.ana.curp, "M")
    assert await steps.how_many(scene, FormerCurp) == 0
    assert await found_by(scene, answers["curp"]) == set()


async def test_no_one_else_may(scene: Scene) -> None:
    folio = await approved(scene)
    for other in (await steps.hire(scene, Role.OFFICER), await scene.supervisor()):
        status, said = await undo(other, folio)
        assert (status, said["type"]) == (403, "/problems/not-decider")
        seen = (await scene.client.get(f"/api/v1/requests/{folio}", headers=other.headers)).json()
        assert ("undo" in seen["actions"], seen["undo_until"]) == (False, None)
    clerk = await steps.hire(scene, Role.RECEPTIONIST)
    assert (await undo(clerk, folio))[0] in (403, 404)
    elsewhere = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert (await undo(elsewhere, folio))[0] == 404
    assert (await scene.client.post(f"/api/v1/work/{folio}/undo", headers=scene.citizen.keyed())).status_code == 403
    assert (await ana(scene)).second_surname == "Muñoz"


@pytest.mark.parametrize(("minutes", "slug"), [(9.9, None), (10.1, "/problems/undo-too-late")])
async def test_only_for_ten_minutes(scene: Scene, minutes: float, slug: str | None) -> None:
    folio = await approved(scene)
    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=True):
        status, said = await undo(scene.officer, folio)
    assert (status, said["type"] if status != 200 else None) == (409 if slug else 200, slug)


async def test_not_when_the_data_were_changed_since(scene: Scene) -> None:
    folio = await approved(scene)
    async with scene.db.transaction() as session:
        (await session.get_one(Person, scene.ana.id)).second_surname = "Otra"
    status, said = await undo(scene.officer, folio)
    assert (status, said["type"]) == (409, "/problems/corrected-since")
    assert (await steps.row(scene, folio)).outcome == "approved"
    assert (await ana(scene)).second_surname == "Otra"


async def test_not_after_another_correction_of_the_same_datum(scene: Scene) -> None:
    first = await approved(scene)
    second = await approved(scene, field="name", second_surname="Peña")
    third = await approved(scene, field="name", second_surname="Muñoz")
    assert (await undo(scene.officer, first))[1]["type"] == "/problems/corrected-since", "though it says the same again"
    assert (await undo(scene.officer, third))[0] == 200
    assert (await undo(scene.officer, second))[0] == 409, "there is an open one of the same thing by now"


async def test_another_datum_of_the_person_hinders_nothing(scene: Scene) -> None:
    name = await approved(scene)
    await approved(scene, **actors.sex())
    assert (await undo(scene.officer, name))[0] == 200
    person = await ana(scene)
    assert (person.second_surname, person.sex) == ("Peña", "X")


async def test_not_when_the_same_was_asked_for_again(scene: Scene) -> None:
    folio = await approved(scene)
    again = await scene.citizen.submit_request("data-correct", field="name", given_names="Ana Luz")
    status, said = await undo(scene.officer, folio)
    assert (status, said["type"], said["folio"]) == (409, "/problems/undo-blocked", again["folio"])
    assert (await ana(scene)).second_surname == "Muñoz", "nothing half done"


async def test_what_was_approved_on_appeal_goes_back_to_the_supervisor(scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    assert (await scene.officer.decide(folio, "refuse", "documents-disagree")).status_code == 200
    assert (await scene.citizen.post(folio, "appeal", body="El acta dice otra cosa.")).status_code == 200
    boss = await scene.supervisor()
    await boss.claim(folio)
    assert (await boss.decide(folio, "approve", "documents-agree")).status_code == 200
    status, done = await undo(boss, folio)
    assert (status, done["status"], done["kind"]) == (200, "appealed", "review")
    assert (await boss.decide(folio, "approve", "documents-agree")).status_code == 200


async def test_no_certificate_while_it_can_be_undone(scene: Scene) -> None:
    folio = await approved(scene)
    where = f"/api/v1/requests/{folio}/certificate"
    early = await scene.client.get(where, headers=scene.citizen.headers)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/certificate-pending")
    assert 600 < int(early.headers["retry-after"]) <= 660
    assert (await scene.citizen.get(folio))["certificate"] is False
    with time_machine.travel(clock.now() + timedelta(minutes=11, seconds=1), tick=True):
        assert (await scene.citizen.get(folio))["certificate"] is True


@pytest.mark.parametrize("service", ["complaint", "weeks"])
async def test_other_services_have_no_undo(scene: Scene, service: str) -> None:
    done = await scene.citizen.submit_request(service, **(steps.STORY if service == "complaint" else {}))
    if done["kind"] == "review":
        await scene.officer.claim(done["folio"])
        await scene.officer.decide(done["folio"], "approve", "answered")
    assert (await undo(scene.officer, done["folio"]))[1]["type"] == "/problems/wrong-state"
