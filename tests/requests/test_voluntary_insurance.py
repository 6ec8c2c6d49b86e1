"""A voluntary insurance gives what it is for once it is paid: care or weeks, never both."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from app.appointments import problems
from app.kernel.i18n import format_long_day
from app.registry.models import Affiliation, VoluntaryEnrolment, VoluntaryPayment
from app.registry.queries import rights_of
from app.registry.voluntary import first_of_next_month
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import failed, stored
from tests.requests.steps import TODAY, ago

LEFT = [(date(2010, 1, 1), ago(200))]


async def pay(
    scene: Scene, who: actors.Citizen, scheme: str, starts_on: date, *months: date, paid_on: date | None = None
) -> None:
    """An enrolment, and what is paid of it."""
    async with scene.db.transaction() as session:
        session.add(
            VoluntaryEnrolment(
                person_id=who.person_id,
                scheme=scheme,
                starts_on=starts_on,
                fee=100,
                payment_line=str(who.person_id.int)[:20],
            )
        )
        await session.flush()
        for month in months:
            session.add(
                VoluntaryPayment(
                    person_id=who.person_id,
                    scheme=scheme,
                    starts_on=starts_on,
                    month=month.replace(day=1),
                    paid_on=paid_on or month,
                )
            )


async def can_book(scene: Scene, who: actors.Citizen, room: int) -> bool:
    async with scene.db.transaction() as session:
        person = await steps.person(scene, who)
        (start,) = await places.seats(session, scene.unit, room=room)
        try:
            await places.held(session, places.citizen(person), person, places.place(scene.unit, start, room=room))
        except problems.NotInForce:
            return False
    return True


async def test_a_family_policy_gives_care_once_paid_and_no_weeks(scene: Scene) -> None:
    unpaid, paid = [await steps.create_person(scene, *LEFT) for _ in range(2)]
    starts_on = TODAY.replace(day=1)
    await pay(scene, unpaid, "family-health", starts_on)
    await pay(scene, paid, "family-health", starts_on, starts_on, paid_on=starts_on - timedelta(days=9))
    assert (await can_book(scene, unpaid, 1), await can_book(scene, paid, 2)) == (False, True)
    assert (await unpaid.submit_request("not-insured"))["outcome"] == "approved"
    assert failed(await paid.submit_request("not-insured")) == {"not_insured"}
    facts = (await stored(scene, (await paid.submit_request("vigencia"))["folio"]))["facts"]
    assert facts["reason"] == "insured"
    assert facts["until"] == (starts_on + relativedelta(months=12, days=-1)).isoformat()
    weeks = [
        (await stored(scene, (await one.submit_request("weeks"))["folio"]))["facts"]["weeks"] for one in (unpaid, paid)
    ]
    assert weeks[0] == weeks[1]


async def test_modality_40_gives_weeks_once_paid_and_no_care(scene: Scene) -> None:
    unpaid, paid, imported = [await steps.create_person(scene, *LEFT) for _ in range(3)]
    starts_on = ago(120).replace(day=1)
    months = [starts_on + relativedelta(months=number) for number in range(3)]
    await pay(scene, unpaid, "modality-40", starts_on)
    await pay(scene, paid, "modality-40", starts_on, *months)
    last = starts_on + relativedelta(months=3) - timedelta(days=1)
    async with scene.db.transaction() as session:
        session.add(
            Affiliation(
                person_id=imported.person_id, starts_on=starts_on, ends_on=last, employer="M40", scheme="modality-40"
            )
        )
    for room, who in enumerate((unpaid, paid, imported), 1):
        assert not await can_book(scene, who, room)
        async with scene.db.transaction() as session:
            assert (await rights_of(session, who.person_id, TODAY)).reason == "ended"
        assert (await who.submit_request("not-insured"))["outcome"] == "approved"
    facts = [
        (await stored(scene, (await who.submit_request("weeks", by_employer=True))["folio"]))["facts"]
        for who in (unpaid, paid, imported)
    ]
    days = (last - starts_on).days + 1
    assert [one["days"] - facts[0]["days"] for one in facts] == [0, days, days]
    assert [line["employer"] for line in facts[1]["periods"]] == ["E0", *["Modalidad 40"] * 3]


async def test_a_family_policy_is_renewed_while_it_is_in_force(scene: Scene) -> None:
    who = await steps.create_person(scene, *LEFT)
    starts_on = TODAY.replace(day=1) + relativedelta(months=-11)
    await pay(scene, who, "family-health", starts_on, starts_on, paid_on=starts_on - timedelta(days=9))
    await steps.set_figure(scene, "family-insurance-fees", date(2026, 3, 1), table=[(0, 9000), (20, 11100)])
    done = await who.submit_request("family-health", ages="34", illnesses="none", disability=False)
    assert not failed(done) & {"not_insured_otherwise"}
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "accepted")
    assert decided.status_code == 200, decided.text
    async with scene.db.transaction() as session:
        renewed = (who.person_id, "family-health", starts_on + relativedelta(months=12))
        row = await session.get(VoluntaryEnrolment, renewed)
    assert row is not None
    assert row.starts_on == first_of_next_month(TODAY)


async def test_work_still_keeps_from_a_family_policy(scene: Scene) -> None:
    assert failed(
        await scene.citizen.submit_request("family-health", ages="34", illnesses="none", disability=False)
    ) == {"not_insured_otherwise"}


@pytest.mark.parametrize(("starts", "first"), [("request", TODAY), ("after-leaving", ago(99))])
async def test_modality_40_begins_as_chosen(scene: Scene, starts: str, first: date) -> None:
    who = await steps.create_person(scene, (ago(1000), ago(100)))
    done = await who.submit_request("modality-40", daily_wage=1000, starts=starts)
    assert done["outcome"] == "approved", done["checks"]
    async with scene.db.transaction() as session:
        found = await session.scalar(
            select(VoluntaryEnrolment.starts_on).where(VoluntaryEnrolment.person_id == who.person_id)
        )
    assert found == first
    assert format_long_day(first) in [row["value"] for row in done["rows"]]
