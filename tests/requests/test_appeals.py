"""Appeals: decided by who had no part in the refusal, and one for each decision."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.actor import Role
from app.requests.models import Appeal
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import appealed, refused_by

EXCLUDED = (403, "/problems/reviewer-excluded")


async def test_who_refused_has_no_part_in_the_appeal(scene: Scene) -> None:
    boss, other = await scene.supervisor(), await scene.supervisor()
    folio = await appealed(scene, boss)
    one = await boss.post(f"{folio}/claim")
    assert (one.status_code, one.json()["type"]) == EXCLUDED
    next_one = await boss.post("claim")
    assert (next_one.status_code, next_one.json()["type"]) == (409, "/problems/queue-empty")
    for giver in (boss, other):
        given = await giver.post(f"{folio}/assign", {"staff_id": str(boss.staff_id)})
        assert (given.status_code, given.json()["type"]) == EXCLUDED
    many = await other.post("assign", {"staff_id": str(boss.staff_id), "folios": [folio]})
    assert many.json()[0]["problem"] == "reviewer-excluded"
    decided = await boss.decide(folio, "approve", "answered", message="Con gusto.")
    assert (decided.status_code, decided.json()["type"]) == EXCLUDED
    body = {"action": "approve", "reasons": ["answered"], "message": "Con gusto.", "folios": [folio], "preview": False}
    assert (await boss.post("bulk", body)).json()[0]["problem"] == "reviewer-excluded"
    assert (await steps.row(scene, folio)).status == "appealed"
    assert (await other.post("claim")).json()["folio"] == folio
    assert (await other.decide(folio, "approve", "answered", message="Con gusto.")).json()["outcome"] == "approved"


async def test_nor_at_another_unit_nor_after_a_promotion(scene: Scene) -> None:
    there = await steps.unit(scene)
    boss = await steps.hire(scene, Role.SUPERVISOR, scene.unit, there)
    everywhere = await actors.hire(scene.db, scene.client, Role.ADMIN)
    folio = await appealed(scene, boss)
    assert (await boss.post(f"{folio}/transfer", {"unit_id": str(there.id)})).status_code == 204
    assert (await boss.post(f"{folio}/claim")).json()["type"] == EXCLUDED[1]
    assert (await boss.post("claim", {"unit_id": str(there.id)})).json()["type"] == "/problems/queue-empty"
    assert (await boss.post("claim")).json()["type"] == "/problems/queue-empty"
    assert (await everywhere.post("claim")).json()["folio"] == folio
    # An officer who refused and became a supervisor since.
    folio = await appealed(scene, scene.officer, await steps.create_person(scene))
    await steps.run(scene, f"UPDATE staff SET role = 'supervisor' WHERE id = '{scene.officer.staff_id}'")
    assert (await scene.officer.post(f"{folio}/claim")).json()["type"] == EXCLUDED[1]


async def test_what_has_lapsed_is_not_theirs_either(scene: Scene) -> None:
    boss, other = await scene.supervisor(), await scene.supervisor()
    folio = await appealed(scene, boss)
    await other.claim(folio)
    await steps.change_item(scene, folio, lease_until=clock.now())
    assert (await boss.post("claim")).json()["type"] == "/problems/queue-empty"
    assert (await boss.post(f"{folio}/claim")).json()["type"] == EXCLUDED[1]


async def test_the_lists_and_numbers_say_so(scene: Scene) -> None:
    boss, other = await scene.supervisor(), await scene.supervisor()
    folio = await appealed(scene, boss)
    for who, is_excluded, free in ((boss, True, 0), (other, False, 1)):
        listed = (await scene.client.get("/api/v1/work", headers=who.headers)).json()
        assert [(line["folio"], line["is_excluded"]) for line in listed] == [(folio, is_excluded)]
        counts = (await scene.client.get("/api/v1/work/counts", headers=who.headers)).json()
        assert (counts["waiting"], counts["free"]) == (1, free)
        found = (await scene.client.get("/api/v1/work?state=free", headers=who.headers)).json()
        assert len(found) == free
        seen = (await scene.client.get(f"/api/v1/requests/{folio}", headers=who.headers)).json()
        assert ("approve" in seen["actions"]) is not is_excluded


async def test_the_database_has_the_last_word_on_who_holds_and_decides_it(scene: Scene) -> None:
    boss = await scene.supervisor()
    folio = await appealed(scene, boss)
    with pytest.raises(IntegrityError, match="holder_not_excluded"):
        await steps.change_item(scene, folio, holder_id=boss.staff_id)
    with pytest.raises(IntegrityError, match="appeal_decided_by_others"):
        await steps.change(scene, folio, decided_by=boss.staff_id)
    with pytest.raises(IntegrityError, match="appeal_decided_by_others"):
        await steps.change(scene, folio, proposed_by=boss.staff_id)


async def test_one_appeal_for_a_decision(scene: Scene) -> None:
    boss, other = await scene.supervisor(), await scene.supervisor()
    folio = await appealed(scene, boss)
    second = await scene.citizen.post(folio, "appeal", body="Otra vez.")
    assert (second.status_code, second.json()["type"], second.json()["folio"]) == (
        409,
        "/problems/already-appealed",
        folio,
    )
    assert folio in second.json()["next_step"]
    await other.claim(folio)
    upheld = await other.decide(folio, "refuse", "not-ours", message="Sigue sin ser de aquí.")
    assert upheld.json()["outcome"] == "refused", upheld.text
    seen = await scene.citizen.get(folio)
    assert (seen["actions"], seen["appeal_until"]) == ([], None)
    assert seen["appealed_at"] is not None
    third = await scene.citizen.post(folio, "appeal", body="Y otra.")
    assert (third.status_code, third.json()["type"]) == (409, "/problems/already-appealed")
    assert "La decisión se mantuvo" in third.json()["next_step"]
    assert len(await steps.facts(scene, folio, "request.appealed")) == 1


async def test_two_appeals_at_the_same_moment_are_one(scene: Scene) -> None:
    folio = await refused_by(scene, scene.officer)
    sent = await asyncio.gather(*[scene.citizen.post(folio, "appeal", body=f"Sí es suyo {n}.") for n in range(2)])
    assert sorted(one.status_code for one in sent) == [200, 409]
    assert await steps.how_many(scene, Appeal) == 1
    row = await steps.row(scene, folio)
    with pytest.raises(IntegrityError, match="pk_appeal"):
        async with scene.db.transaction() as session:
            session.add(
                Appeal(
                    decision_id=row.decision_id,
                    person_id=row.person_id,
                    request_id=row.id,
                    applicant_id=row.applicant_id,
                    created_at=clock.now(),
                )
            )


async def test_what_was_not_submitted_uses_nothing_up(scene: Scene) -> None:
    folio = await refused_by(scene, scene.officer)
    empty = await scene.citizen.post(folio, "appeal", body="   ")
    assert empty.status_code == 422
    again = await scene.citizen.submit_request("complaint", **steps.STORY)
    blocked = await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    assert (blocked.status_code, blocked.json()["type"]) == (409, "/problems/already-open")
    assert await steps.how_many(scene, Appeal) == 0
    await scene.citizen.post(again["folio"], "withdraw")
    assert (await scene.citizen.post(folio, "appeal", body="Sí es suyo.")).status_code == 200
    withdrawn = await scene.citizen.post(folio, "withdraw")
    assert withdrawn.json()["outcome"] == "withdrawn"
    used = await scene.citizen.post(folio, "appeal", body="Mejor sí.")
    assert (used.status_code, used.json()["type"]) == (409, "/problems/already-appealed")


async def test_a_refusal_by_rules_excludes_no_one(scene: Scene) -> None:
    who = await steps.create_person(scene, (steps.ago(400), None))
    done = await who.submit_request("unemployment", afore="coppel", clabe=actors.CLABE, understands_weeks=True)
    assert done["outcome"] == "refused", done
    folio = done["folio"]
    boss = await scene.supervisor()
    assert (await who.post(folio, "appeal", body="Sí puedo.")).status_code == 200
    assert (await boss.post("claim")).json()["folio"] == folio
    async with scene.db.transaction() as session:
        made = await session.scalar(select(Appeal))
    assert made is not None
    assert made.applicant_id == who.person_id
