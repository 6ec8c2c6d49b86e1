"""Who may file and see for whom: the family while it depends, and others while a consent holds."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from app.identity.models import Account, Mandate
from app.identity.service.mandates import MAX_IN_FORCE
from app.kernel import clock
from app.registry.models import Dependant
from tests.appointments import factories as places
from tests.registry.files import curp
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import IN_A_YEAR, agent, consent, depends


async def revoke(scene: Scene, mandate_id: str) -> int:
    return (await scene.client.delete(f"/api/v1/mandates/{mandate_id}", headers=scene.citizen.headers)).status_code


async def sees(who: actors.Citizen, folio: str) -> int:
    return (await who.client.get(f"/api/v1/requests/{folio}", headers=who.headers)).status_code


async def listed(who: actors.Citizen) -> list[str]:
    answer = await who.client.get("/api/v1/requests", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return [one["folio"] for one in answer.json()]


async def test_for_a_dependant_in_force(scene: Scene) -> None:
    child = await depends(scene, scene.citizen)
    done = await scene.citizen.submit_request("complaint", person_id=child.person_id, **steps.STORY)
    row = await steps.row(scene, done["folio"])
    assert (row.acting_as, row.person_id, row.applicant_id) == ("holder", child.person_id, scene.ana.id)
    assert await sees(child, done["folio"]) == 200
    assert await listed(child) == await listed(scene.citizen) == [done["folio"]]


@pytest.mark.parametrize("whose", ["ended", "other-way", "stranger", "nobody"])
async def test_for_no_one_else(scene: Scene, whose: str) -> None:
    if whose == "ended":
        about: UUID = (await depends(scene, scene.citizen, ends_on=steps.ago(1))).person_id
    elif whose == "other-way":
        holder = await steps.create_person(scene)
        async with scene.db.transaction() as session:
            await places.depend(session, await steps.person(scene, holder), scene.ana)
        about = holder.person_id
    else:
        about = (await steps.create_person(scene)).person_id if whose == "stranger" else places.unknown_id()
    refused = await scene.citizen.start("complaint", person_id=about, **steps.STORY)
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")


async def test_what_was_filed_is_out_of_sight_once_the_dependence_ends(scene: Scene) -> None:
    child = await depends(scene, scene.citizen)
    done = await scene.citizen.submit_request("complaint", person_id=child.person_id, **steps.STORY)
    draft = (await scene.citizen.start("data-correct", person_id=child.person_id)).json()["folio"]
    async with scene.db.transaction() as session:
        link = await session.scalar(select(Dependant).where(Dependant.person_id == child.person_id))
        assert link is not None
        link.ends_on = steps.ago(1)
    assert await listed(scene.citizen) == []
    for answer in (
        await scene.citizen.post(done["folio"], "withdraw"),
        await scene.citizen.post(done["folio"], "messages", body="¿Cómo va?"),
        await scene.citizen.save(draft, field="sex"),
        await scene.citizen.attach(draft, "identification"),
    ):
        assert answer.status_code == 404
    assert await sees(child, done["folio"]) == 200


async def test_a_service_of_ones_own_cannot_be_filed_for_the_family(scene: Scene) -> None:
    child = await depends(scene, scene.citizen)
    refused = await scene.citizen.start("unemployment", person_id=child.person_id)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/delegation-not-allowed")
    answers: dict[str, Any] = {"afore": "AFORE Uno", "clabe": actors.CLABE, "understands_weeks": True}
    begun = (await child.start("unemployment", **answers)).json()["folio"]
    refused = await scene.citizen.submit(begun)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/delegation-not-allowed")
    assert (await child.submit(begun)).status_code == 200


async def test_by_consent(scene: Scene) -> None:
    helper = await agent(scene)
    mandate = await consent(scene, helper, "complaint", "pension")
    done = await helper.submit_request("complaint", person_id=scene.ana.id, **steps.STORY)
    row = await steps.row(scene, done["folio"])
    assert (row.acting_as, str(row.mandate_id), row.applicant_id) == ("mandate", mandate, helper.person_id)
    assert steps.only(await steps.facts(scene, done["folio"], "request.submitted")).payload["acting_as"] == "mandate"
    assert await listed(helper) == await listed(scene.citizen) == [done["folio"]]
    own = await scene.citizen.submit_request("vigencia")
    assert await sees(helper, own["folio"]) == 404
    for service in ("data-correct", "dependant-remove"):
        other = await helper.start(service, person_id=scene.ana.id)
        assert (other.status_code, other.json()["type"]) == (404, "/problems/not-found")
    assert (await scene.citizen.start("complaint", person_id=helper.person_id)).status_code == 404


async def test_a_consent_for_what_no_one_else_may_file_is_refused(scene: Scene) -> None:
    helper = await agent(scene)
    curp = (await steps.person(scene, helper)).curp
    for body in (
        {"delegate_curp": curp, "services": ["dependant-remove"], "ends_on": IN_A_YEAR.isoformat()},
        {"delegate_curp": curp, "services": ["no-such"], "ends_on": IN_A_YEAR.isoformat()},
        {"delegate_curp": curp, "services": [], "ends_on": IN_A_YEAR.isoformat()},
        {"delegate_curp": curp, "services": ["complaint"], "ends_on": steps.ago(1).isoformat()},
        {"delegate_curp": curp, "services": ["complaint"], "ends_on": "2999-01-01"},
        {"delegate_curp": "nobody", "services": ["complaint"], "ends_on": IN_A_YEAR.isoformat()},
    ):
        refused = await scene.client.post("/api/v1/mandates", json=body, headers=scene.citizen.keyed())
        assert refused.status_code == 422, body


@pytest.mark.parametrize("how", ["revoked", "over"])
async def test_a_consent_that_ended_ends_at_once(scene: Scene, how: str) -> None:
    helper = await agent(scene)
    mandate = await consent(scene, helper, "complaint", ends_on=steps.TODAY + timedelta(days=3))
    done = await helper.submit_request("complaint", person_id=scene.ana.id, **steps.STORY)
    draft = (await helper.start("complaint", person_id=scene.ana.id, about="thanks")).json()["folio"]
    attached = (await helper.attach(draft, "evidence")).json()["id"]
    if how == "revoked":
        assert await revoke(scene, mandate) == 204
    with time_machine.travel(steps.noon(steps.TODAY + timedelta(days=4 if how == "over" else 0))):
        assert await listed(helper) == []
        for folio in (done["folio"], draft):
            assert await sees(helper, folio) == 404
        document = await helper.client.get(f"/api/v1/requests/{draft}/documents/{attached}", headers=helper.headers)
        for answer in (
            document,
            await helper.start("complaint", person_id=scene.ana.id),
            await helper.save(draft, about="complaint"),
            await helper.submit(draft),
            await helper.post(done["folio"], "withdraw"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
        assert await sees(scene.citizen, done["folio"]) == 200


async def test_the_last_day_of_a_consent_is_a_day_of_it(scene: Scene) -> None:
    helper = await agent(scene)
    await consent(scene, helper, "complaint", ends_on=steps.TODAY + timedelta(days=3))
    with time_machine.travel(steps.noon(steps.TODAY + timedelta(days=3))):
        assert (await helper.start("complaint", person_id=scene.ana.id)).status_code == 201


async def test_a_request_is_submitted_under_the_consent_of_that_day(scene: Scene) -> None:
    helper = await agent(scene)
    first = await consent(scene, helper, "complaint")
    draft = (await helper.start("complaint", person_id=scene.ana.id, **steps.STORY)).json()["folio"]
    await revoke(scene, first)
    second = await consent(scene, helper, "complaint")
    assert (await helper.submit(draft)).status_code == 200
    assert str((await steps.row(scene, draft)).mandate_id) == second


async def test_the_person_may_hand_in_what_a_person_began_for_them(scene: Scene) -> None:
    helper = await agent(scene)
    await consent(scene, helper, "complaint")
    began = (await helper.start("complaint", person_id=scene.ana.id, **steps.STORY)).json()["folio"]
    own = (await scene.citizen.start("complaint", about="thanks")).json()["folio"]
    assert began != own
    assert (await scene.citizen.submit(began)).status_code == 200
    row = await steps.row(scene, began)
    assert (row.acting_as, row.mandate_id, row.applicant_id) == ("self", None, scene.ana.id)


async def test_a_dependant_may_consent_to_what_the_family_may_not_file(scene: Scene) -> None:
    spouse = await steps.old_worker(scene)
    helper = await agent(scene)
    async with scene.db.transaction() as session:
        link = (await steps.person(scene, helper), await steps.person(scene, spouse))
        await places.depend(session, *link, kinship="spouse")
    without = await helper.start("pension", person_id=spouse.person_id)
    assert without.json()["type"] == "/problems/not-found"
    async with scene.db.transaction() as session:
        session.add(
            Mandate(
                grantor_id=spouse.person_id,
                id=places.unknown_id(),
                delegate_id=helper.person_id,
                delegate_curp="",
                services=["pension"],
                starts_on=steps.TODAY,
                ends_on=IN_A_YEAR,
                granted_at=clock.now(),
                channel="api",
            )
        )
    done = await helper.submit_request("pension", person_id=spouse.person_id, **steps.PENSION)
    assert (done["acting_as"], done["kind"]) == ("mandate", "review")


async def test_consents_in_force_are_so_many_at_most(scene: Scene) -> None:
    async def give(curp: str) -> int:
        body = {"delegate_curp": curp, "services": ["complaint"], "ends_on": IN_A_YEAR.isoformat()}
        return (await scene.client.post("/api/v1/mandates", json=body, headers=scene.citizen.keyed())).status_code

    async with scene.db.transaction() as session:
        session.add(
            Account(person_id=scene.ana.id, curp=scene.ana.curp, email="a@x", created_at=clock.now(), assurance="full")
        )
    curps = [curp(number) for number in range(1, MAX_IN_FORCE + 6)]
    given = await asyncio.gather(*[give(curp) for curp in curps])
    assert sorted(given) == [201] * MAX_IN_FORCE + [409] * 5
    async with scene.db.transaction() as session:
        (some, *_rest) = (await session.scalars(select(Mandate).limit(1))).all()
    assert await revoke(scene, str(some.id)) in {200, 204}
    assert await give(curps[0]) == 201
