"""From the 18th birthday, by the clock of the unit, the holder sees and acts for no one without their consent."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.appointments.queries import own
from app.kernel.consumers import Event
from app.kernel.problems import NotFound
from app.notifications import contacts
from app.registry.queries import family_of, rights_of
from app.requests.queries.own import applicant_of, own_requests
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import BLANK, wall

BIRTHDAY = date(2026, 10, 8)
EVE = BIRTHDAY - timedelta(days=1)


@pytest.mark.parametrize("zone", ["America/Tijuana", "America/Cancun"])
async def test_an_adult_dependant_decides_for_themselves(scene: Scene, zone: str) -> None:
    async with scene.db.transaction() as session:
        unit = await places.unit(session, timezone=zone)
        holder, child = [await actors.person(session, unit) for _ in range(2)]
        child_alone = await actors.person(session, unit, insured=False)
        for one in (child, child_alone):
            await places.depend(session, holder, one, situation="studies")
            one.birth_on = BIRTHDAY.replace(year=2008)
    by, alone = actors.Citizen(scene.client, holder.id), places.citizen(holder)
    with wall(EVE - timedelta(days=3), 12, 0, zone):
        folio = (await by.submit_request("complaint", person_id=child.id, **steps.STORY))["folio"]
        draft = (await by.start("complaint", person_id=child_alone.id, **steps.STORY)).json()["folio"]
        async with scene.db.transaction() as session:
            start = datetime.combine(BIRTHDAY, time(12), ZoneInfo(zone))
            (start,) = await places.seats(session, unit, start_at=start)
            appointment = (await places.booked(session, child, places.place(unit, start), alone)).folio
    for day, hour, minute, sees in ((EVE, 23, 30, True), (BIRTHDAY, 0, 30, False)):
        with wall(day, hour, minute, zone):
            for one in (folio, draft):
                answer = await scene.client.get(f"/api/v1/requests/{one}", headers=by.headers)
                assert answer.status_code == (200 if sees else 404), one
            shown = await scene.client.get(f"/api/v1/appointments/{appointment}", headers=by.headers)
            assert shown.status_code == (200 if sees else 404)
            async with scene.db.transaction() as session:
                mine = {row.folio for row in await own_requests(session, alone, limit=9)}
                assert mine == ({folio, draft} if sees else set())
                assert await own.may_act_for(session, alone, child.id) is sees
                listed = [one.folio for one in await own.own_appointments(session, alone, limit=5)]
                assert listed == ([appointment] if sees else [])
                family = {member.person.id for member in await family_of(session, alone)}
                assert family == ({holder.id, child.id, child_alone.id} if sees else {holder.id})
                row = await steps.row(scene, folio)
                assert await applicant_of(session, child.id, row.id) == (holder.id if sees else None)
                assert (await rights_of(session, child_alone.id, day)).is_in_force  # rights are another matter
    with wall(BIRTHDAY, 0, 30, zone):
        assert (await by.submit(draft)).status_code == 404
        assert (await by.start("complaint", person_id=child.id, **steps.STORY)).status_code == 404
        async with scene.db.transaction() as session:
            with pytest.raises(NotFound):
                await places.held(session, alone, child, places.place(unit, start))


async def test_with_their_consent_the_holder_acts_on(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        holder, grown = [await actors.person(session, scene.unit) for _ in range(2)]
        await places.depend(session, holder, grown, kinship="spouse")
    by = actors.Citizen(scene.client, holder.id)
    assert (await by.start("complaint", person_id=grown.id, **steps.STORY)).status_code == 404
    await steps.run(
        scene,
        "INSERT INTO mandate"
        " (grantor_id, id, delegate_id, delegate_curp, services, starts_on, ends_on, granted_at, channel) VALUES"
        f" ('{grown.id}', gen_random_uuid(), '{holder.id}', '{holder.curp}', ARRAY['complaint'], current_date - 2,"
        " current_date + 9, now(), 'web')",
    )
    done = await by.submit_request("complaint", person_id=grown.id, **steps.STORY)
    assert done["acting_as"] == "mandate"


async def test_news_of_an_adult_without_a_contact_reach_no_holder(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        holder, child = [await actors.person(session, scene.unit) for _ in range(2)]
        await places.depend(session, holder, child)
        child.birth_on = BIRTHDAY.replace(year=2008)
    await steps.run(
        scene,
        "INSERT INTO account (person_id, curp, email, language, created_at, assurance) VALUES"
        f" ('{holder.id}', '{holder.curp}', 'h@ejemplo.mx', 'es', now(), 'full')",
    )
    for day, count in ((EVE, 1), (BIRTHDAY, 0)):
        moment = datetime.combine(day, time(0, 30), ZoneInfo("America/Mexico_City"))
        event = Event(**(BLANK | {"at": moment, "unit_id": scene.unit.id, "person_id": child.id}))
        async with scene.db.transaction() as session:
            assert len(await contacts.find_recipients(session, child.id, None, event)) == count
