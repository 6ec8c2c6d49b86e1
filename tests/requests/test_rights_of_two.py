"""Rights are judged person by person, everywhere they are asked for: the registry, a booking, the certificates."""

from datetime import date

import pytest

from app.appointments import problems
from app.registry.models import Dependant
from app.registry.queries import own_rights_of, rights_of
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import stored
from tests.requests.steps import TODAY, ago

Work = list[tuple[date, date | None]]
FIVE_WEEKS_OF_EACH: tuple[Work, Work] = [(ago(74), ago(40))], [(ago(39), ago(5))]
CONSERVED_AND_SHORT: tuple[Work, Work] = [(ago(400), ago(20))], [(ago(12), ago(6))]


async def couple(scene: Scene, works: Work, depends: Work) -> tuple[actors.Citizen, actors.Citizen]:
    """A holder and who depends on them, each with their own past at work."""
    holder, spouse = await steps.create_person(scene, *works), await steps.create_person(scene, *depends)
    async with scene.db.transaction() as session:
        session.add(
            Dependant(holder_id=holder.person_id, person_id=spouse.person_id, kinship="spouse", starts_on=ago(300))
        )
    return holder, spouse


async def test_weeks_of_two_people_are_never_added(scene: Scene) -> None:
    """LSS art. 109: five weeks of one and five of the other, one after the other, conserve nothing."""
    for room, (works, depends) in enumerate((FIVE_WEEKS_OF_EACH, FIVE_WEEKS_OF_EACH[::-1]), 1):
        holder, spouse = await couple(scene, works, depends)
        async with scene.db.transaction() as session:
            for one in (holder, spouse):
                assert (await rights_of(session, one.person_id, TODAY)).reason == "ended"
            who = await steps.person(scene, spouse)
            (start,) = await places.seats(session, scene.unit, room=room)
            with pytest.raises(problems.NotInForce):
                await places.held(session, places.citizen(who), who, places.place(scene.unit, start, room=room))
        assert (await spouse.submit_request("not-insured"))["outcome"] == "approved"
        facts = (await stored(scene, (await holder.submit_request("vigencia"))["folio"]))["facts"]
        assert (facts["in_force"], facts["dependants"][0]["in_force"]) == (False, False)


async def test_what_a_holder_conserves_is_not_hidden_by_a_short_job_of_the_other(scene: Scene) -> None:
    holder, spouse = await couple(scene, *CONSERVED_AND_SHORT)
    async with scene.db.transaction() as session:
        found = await rights_of(session, spouse.person_id, TODAY)
        assert (found.reason, found.until) == ("conserved", ago(20 - 56))
        assert (await own_rights_of(session, spouse.person_id, TODAY)).reason == "ended"
        who = await steps.person(scene, spouse)
        (start,) = await places.seats(session, scene.unit)
        await places.booked(session, who, places.place(scene.unit, start))
    assert (await spouse.submit_request("not-insured"))["outcome"] == "refused"
    facts = (await stored(scene, (await holder.submit_request("vigencia"))["folio"]))["facts"]
    assert facts["dependants"][0] == {
        "name": who.full_name,
        "kinship": "spouse",
        "until": ago(20 - 56).isoformat(),
        "in_force": True,
    }


async def test_rights_through_a_holder_end_with_the_registration(scene: Scene) -> None:
    holder, spouse = await couple(scene, [(ago(400), None)], [(ago(900), ago(600))])
    async with scene.db.transaction() as session:
        link = await session.get_one(Dependant, (holder.person_id, spouse.person_id))
        link.ends_on = ago(-10)
        await session.flush()
        found = await rights_of(session, spouse.person_id, TODAY)
        assert (found.is_in_force, found.until) == (True, ago(-10))
        assert not (await rights_of(session, spouse.person_id, ago(-11))).is_in_force


async def test_rights_are_not_passed_on_twice(scene: Scene) -> None:
    """Who is covered by a spouse gives nothing to those who depend on them: the certificate says so."""
    _holder, spouse = await couple(scene, [(ago(400), None)], [(ago(900), ago(600))])
    async with scene.db.transaction() as session:
        parent = await actors.person(session, scene.unit, birth_on=date(1960, 1, 1), insured=False)
        session.add(Dependant(holder_id=spouse.person_id, person_id=parent.id, kinship="parent", starts_on=ago(300)))
        await session.flush()
        assert (await rights_of(session, parent.id, TODAY)).reason == "ended"
    done = await spouse.submit_request("vigencia")
    facts = (await stored(scene, done["folio"]))["facts"]
    assert (facts["in_force"], facts["dependants"][0]["in_force"]) == (True, False)
