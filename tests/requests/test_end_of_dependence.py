"""Children outgrow their rights: what is booked, certified and registered obeys LSS art. 84 V and VI."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.appointments import problems
from app.kernel.i18n import format_long_day, use_language
from app.registry.models import Dependant
from app.registry.queries import rights_of
from app.registry.rules import birthday
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import stored
from tests.requests.steps import TODAY, ago

DAY = timedelta(days=1)


async def child_of(scene: Scene, born: date, **about: Any) -> tuple[actors.Citizen, actors.Citizen]:
    """A worker, and a child of theirs without work."""
    holder = await steps.create_person(scene)
    child = await steps.create_person(scene, insured=False, birth_on=born)
    async with scene.db.transaction() as session:
        link = Dependant(holder_id=holder.person_id, person_id=child.person_id, kinship="child", starts_on=ago(300))
        for name, value in about.items():
            setattr(link, name, value)
        session.add(link)
    return holder, child


def turns(years: int, day: date) -> date:
    """A birth date of a person who reaches an age on a day."""
    born = day.replace(year=day.year - years) if (day.month, day.day) != (2, 29) else day - years * timedelta(365.25)
    assert birthday(born, years) in (day, day - DAY, day + DAY)
    return born


@pytest.mark.parametrize(
    ("years", "about", "covered"),
    [
        (16, {}, False),
        (16, {"situation": "disability"}, True),
        (16, {"situation": "studies"}, True),
        (25, {"situation": "studies"}, False),
        (25, {"situation": "disability"}, True),
        (20, {"situation": "studies", "studies_until": ago(1)}, False),
        (20, {"situation": "studies", "studies_until": ago(-1)}, True),
    ],
)
async def test_rights_bookings_and_certificates_end_with_the_age(
    scene: Scene, years: int, about: dict[str, Any], covered: bool
) -> None:
    holder, child = await child_of(scene, turns(years, TODAY), **about)
    tomorrow = places.tomorrow()
    async with scene.db.transaction() as session:
        assert (await rights_of(session, child.person_id, TODAY)).is_in_force is covered
        who = await steps.person(scene, child)
        (start,) = await places.seats(session, scene.unit, start_at=tomorrow)
        wanted = places.place(scene.unit, start)
        if covered:
            await places.held(session, places.citizen(who), who, wanted)
        else:
            with pytest.raises(problems.NotInForce):
                await places.held(session, places.citizen(who), who, wanted)
    facts = (await stored(scene, (await holder.submit_request("vigencia"))["folio"]))["facts"]
    assert len(facts["dependants"]) == int(covered)


async def test_a_booking_looks_at_the_age_on_its_own_day(scene: Scene) -> None:
    """The eve of the 16th birthday is covered, the birthday isn't."""
    _holder, child = await child_of(scene, turns(16, TODAY + 3 * DAY))
    async with scene.db.transaction() as session:
        who = await steps.person(scene, child)
        for days, covered in ((2, True), (3, False)):
            start_at = places.tomorrow() + (days - 1) * DAY
            (start,) = await places.seats(session, scene.unit, room=days, start_at=start_at)
            wanted = places.place(scene.unit, start, room=days)
            if covered:
                await places.held(session, places.citizen(who), who, wanted)
            else:
                with pytest.raises(problems.NotInForce):
                    await places.held(session, places.citizen(who), who, wanted)


async def test_the_certificate_says_until_when(scene: Scene) -> None:
    born = date(TODAY.year - 10, 5, 17)
    holder, _child = await child_of(scene, born)
    facts = (await stored(scene, (await holder.submit_request("vigencia"))["folio"]))["facts"]
    assert facts["dependants"][0]["until"] == date(born.year + 16, 5, 16).isoformat()


async def register(scene: Scene, child: actors.Citizen, **answers: Any) -> dict[str, Any]:
    """Ask to register a child; the answer of the last step."""
    curp = (await steps.person(scene, child)).curp
    started = await scene.citizen.start("dependant-add", kinship="child", dependant_curp=curp, **answers)
    if started.status_code not in (200, 201):
        return {**started.json(), "http": started.status_code}
    draft = started.json()
    for one in draft["required_documents"]:
        if one["required"]:
            await scene.citizen.attach(draft["folio"], one["kind"])
    answer = await scene.citizen.submit(draft["folio"])
    return {"folio": draft["folio"], **answer.json(), "http": answer.status_code}


async def test_who_outgrew_their_rights_is_registered_again_as_a_student(scene: Scene) -> None:
    child = await steps.create_person(scene, insured=False, birth_on=turns(17, TODAY - 9 * DAY))
    async with scene.db.transaction() as session:
        session.add(
            Dependant(
                holder_id=scene.citizen.person_id, person_id=child.person_id, kinship="child", starts_on=ago(3000)
            )
        )
    refused = await register(scene, child, situation="studies")
    assert (refused["http"], refused["fields"][0]["field"]) == (422, "studies_until")
    over = await register(scene, child, situation="studies", studies_until=ago(1).isoformat())
    assert (over["http"], over["fields"][0]["field"]) == (422, "studies_until")
    done = await register(scene, child, situation="studies", studies_until=ago(-90).isoformat())
    assert done["http"] == 200, done
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "kinship-proved")
    assert decided.status_code == 200, decided.text
    async with scene.db.transaction() as session:
        link = await session.scalar(select(Dependant).where(Dependant.person_id == child.person_id))
        assert link is not None
        assert (link.situation, link.studies_until, link.ends_on) == ("studies", ago(-90), None)
        assert (await rights_of(session, child.person_id, ago(-90))).is_in_force
        assert not (await rights_of(session, child.person_id, ago(-91))).is_in_force
    rows = [one["value"] for one in (await stored(scene, done["folio"]))["facts"]["rows"]]
    with use_language("es"):
        assert format_long_day(ago(-90)) in [value["es"] for value in rows if isinstance(value, dict)]
