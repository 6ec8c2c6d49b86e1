"""Pensioners and their families are covered, by pensions granted here or imported: LSS art. 84 II to IX."""

from datetime import date

import pytest
from sqlalchemy import select

from app.appointments import problems
from app.registry.models import Dependant, Pension
from app.registry.queries import rights_of
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import line
from tests.requests.history import failed, stored
from tests.requests.steps import TODAY, ago

LONG_AGO = (date(1985, 1, 1), date(2015, 12, 31))


async def pensioner(scene: Scene, ends_on: date | None = None) -> actors.Citizen:
    """Someone who left work eleven years ago, with a pension."""
    who = await steps.create_person(scene, LONG_AGO, birth_on=date(1955, 3, 4))
    async with scene.db.transaction() as session:
        session.add(Pension(person_id=who.person_id, kind="old-age", starts_on=ago(3000), ends_on=ends_on))
    return who


async def spouse_of(scene: Scene, holder: actors.Citizen) -> actors.Citizen:
    spouse = await steps.create_person(scene, insured=False, birth_on=date(1956, 1, 1))
    async with scene.db.transaction() as session:
        session.add(
            Dependant(holder_id=holder.person_id, person_id=spouse.person_id, kinship="spouse", starts_on=ago(2000))
        )
    return spouse


async def test_a_pensioner_and_their_family_book_and_are_certified(scene: Scene) -> None:
    holder = await pensioner(scene)
    spouse = await spouse_of(scene, holder)
    async with scene.db.transaction() as session:
        for room, one in enumerate((holder, spouse), 1):
            who = await steps.person(scene, one)
            (start,) = await places.seats(session, scene.unit, room=room)
            await places.booked(session, who, places.place(scene.unit, start, room=room))
    for one in (holder, spouse):
        facts = (await stored(scene, (await one.submit_request("vigencia"))["folio"]))["facts"]
        assert (facts["in_force"], facts["until"], facts["reason"]) == (True, None, "pensioner")
        done = await one.submit_request("not-insured")
        assert (done["outcome"], failed(done)) == ("refused", {"not_insured"})
    shown = (await scene.client.get("/api/v1/me", headers=holder.headers)).json()
    assert (shown["rights_in_force"], shown["rights_until"]) == (True, None)


async def test_nothing_is_conserved_after_a_pension(scene: Scene) -> None:
    holder = await pensioner(scene, ends_on=ago(1))
    spouse = await spouse_of(scene, holder)
    async with scene.db.transaction() as session:
        for room, one in enumerate((holder, spouse), 1):
            who = await steps.person(scene, one)
            (start,) = await places.seats(session, scene.unit, room=room)
            with pytest.raises(problems.NotInForce):
                await places.held(session, places.citizen(who), who, places.place(scene.unit, start, room=room))
        assert (await rights_of(session, holder.person_id, ago(1))).is_in_force
    assert (await holder.submit_request("not-insured"))["outcome"] == "approved"


async def test_a_pensioner_registers_family_as_one(scene: Scene) -> None:
    holder, other = await pensioner(scene), await steps.create_person(scene, insured=False, birth_on=date(1956, 1, 1))
    curp = (await steps.person(scene, other)).curp
    done = await holder.submit_request("dependant-add", kinship="spouse", dependant_curp=curp)
    assert done["kind"] == "review", done
    assert not failed(done) & {"works_or_pensioner", "rights_in_force"}


async def test_a_pension_granted_here_covers_from_that_day(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    async with scene.db.transaction() as session:
        assert not (await rights_of(session, who.person_id, TODAY)).is_in_force
    folio = await signed(scene, who)
    await scene.officer.claim(folio)
    done = (await scene.officer.decide(folio, "approve", "meets-law")).json()
    assert done["outcome"] == "approved", done
    async with scene.db.transaction() as session:
        row = (await session.scalars(select(Pension).where(Pension.person_id == who.person_id))).one()
        assert (row.kind, row.starts_on, row.ends_on) == ("old-age", TODAY, None)
        assert (await rights_of(session, who.person_id, TODAY)).reason == "pensioner"


async def test_one_pension_of_a_kind(scene: Scene) -> None:
    """A pension granted or imported meanwhile stands in the way of the approval, and refusing for it works."""
    who = await steps.old_worker(scene)
    folio = await signed(scene, who)
    async with scene.db.transaction() as session:
        session.add(Pension(person_id=who.person_id, kind="old-age", starts_on=ago(9), ends_on=None))
    shown = await line(scene, folio, "meets-law")
    assert (shown["problem"], shown["outcome"]) == ("already-pensioner", None), shown
    await scene.officer.claim(folio)
    done = (await scene.officer.decide(folio, "approve", "meets-law")).json()
    assert (done["status"], done["type"]) == (409, "/problems/already-pensioner")
    refused = (await scene.officer.decide(folio, "refuse", "already-pensioner")).json()
    assert (refused["status"], refused["reasons"][0]["code"]) == ("second", "already-pensioner"), refused
    assert await steps.how_many(scene, Pension) == 1


async def signed(scene: Scene, who: actors.Citizen) -> str:
    """A pension asked for, after the visit."""
    folio: str = (await who.submit_request("pension", **steps.PENSION))["folio"]
    async with scene.db.transaction() as session:
        (start,) = await places.seats(session, scene.unit, room=9, service="window")
    await scene.officer.claim(folio)
    body = {"unit_id": str(scene.unit.id), "room": 9, "start_at": start.isoformat(), "message": "Traiga su INE."}
    booked = await scene.officer.post(f"{folio}/visit", body)
    assert booked.status_code == 201, booked.text
    assert (await scene.officer.post(f"{folio}/attended", {"other_day": True})).status_code == 200
    return folio
