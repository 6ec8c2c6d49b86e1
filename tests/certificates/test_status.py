"""Which certificate stands, until when, and what anyone who holds one may know."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.certificates import service
from app.certificates.rules import CertificateStatus
from app.certificates.service import VerificationResult
from app.kernel import ids
from app.kernel.actor import Anonymous, Channel
from app.kernel.problems import NotFound, TooManyRequests
from app.registry.models import Person
from tests.appointments import factories as people
from tests.certificates import factories
from tests.certificates.actions import again, facts, issued, verified
from tests.conftest import Database


async def test_a_newer_one_supersedes_those_before(db: Database, ana: Person) -> None:
    old = factories.request(ana.id)
    spanish, english = await issued(db, old), await issued(db, old, "en")
    newer = await issued(db, factories.request(ana.id, decided_at=factories.DECIDED + timedelta(days=3)))
    for one in (spanish, english):
        now = await again(db, one)
        assert (now.superseded_by, now.superseded_at is not None) == (newer.id, True)
    assert (await again(db, newer)).superseded_by is None
    said = await facts(db, "certificate.superseded")
    assert {fact.subject_id for fact in said} == {spanish.id, english.id}
    assert {str(fact.payload["superseded_by"]) for fact in said} == {str(newer.id)}
    found = await verified(db, spanish.folio, spanish.code)
    assert (found.status, found.superseded_at) == ("superseded", (await again(db, spanish)).superseded_at)


async def test_a_copy_of_an_older_decision_is_born_superseded(db: Database, ana: Person) -> None:
    newer = await issued(db, factories.request(ana.id, decided_at=factories.DECIDED + timedelta(days=3)))
    older = await issued(db, factories.request(ana.id))
    assert (await again(db, older)).superseded_by == newer.id
    assert (await again(db, newer)).superseded_by is None


async def test_another_kind_another_person_and_resolutions_are_left_alone(db: Database, ana: Person) -> None:
    async with db.transaction() as session:
        eva = await people.person(session)
    first = await issued(db, factories.request(ana.id))
    resolved = await issued(db, factories.request(ana.id, "resolution"))
    later = factories.DECIDED + timedelta(days=3)
    await issued(db, factories.request(ana.id, "weeks", decided_at=later))
    await issued(db, factories.request(eva.id, decided_at=later))
    await issued(db, factories.request(ana.id, "resolution", decided_at=later))
    assert [(await again(db, one)).superseded_by for one in (first, resolved)] == [None, None]


async def test_two_of_a_kind_at_once_leave_one_standing(db: Database, ana: Person) -> None:
    days = [factories.DECIDED + timedelta(days=day) for day in range(6)]
    made = await asyncio.gather(*(issued(db, factories.request(ana.id, decided_at=day)) for day in days))
    status = [one.decided_at for one in [await again(db, one) for one in made] if one.superseded_by is None]
    assert status == [days[-1]]


async def test_how_it_stands_by_the_day(db: Database, ana: Person) -> None:
    made = await issued(db, factories.request(ana.id))
    last_evening = datetime.fromisoformat("2026-12-25T23:30:00-06:00")
    for moment, status in ((last_evening, "valid"), (last_evening + timedelta(hours=1), "expired")):
        with time_machine.travel(moment, tick=False):
            assert (await verified(db, made.folio, made.code)).status == status


async def test_what_anyone_may_know(db: Database, ana: Person) -> None:
    made = await issued(db, factories.request(ana.id))
    typed = made.folio.lower().replace("-", " "), f" {made.code[:5]}–{made.code[5:].lower()} "
    with time_machine.travel(factories.DECIDED):
        found = await verified(db, *typed)
    assert found == VerificationResult(
        status=CertificateStatus.VALID,
        folio=made.folio,
        template="vigencia",
        holder_label="Ana N. P.",
        issued_on=date(2026, 11, 25),
        valid_until=date(2026, 12, 25),
        superseded_at=None,
        annulled_at=None,
        confirmed_at=None,
        zone="America/Mexico_City",
        facts=found.facts,
    )
    assert "Ñúñez" not in str(found.facts)


async def test_a_wrong_pair_is_not_found(db: Database, ana: Person) -> None:
    made, other = await issued(db, factories.request(ana.id)), await issued(db, factories.request(ana.id, "nss"))
    wrong = [
        (made.folio, other.code),
        (other.folio, made.code),
        (made.folio, made.code[:-1]),
        (made.folio, ""),
        (ids.new_folio("K"), made.code),
        ("K-00000", made.code),
        ("' OR 1=1 --", "ñ"),
    ]
    for folio, code in wrong:
        with pytest.raises(NotFound):
            await verified(db, folio, code)


async def test_wrong_pairs_slow_a_source_down_and_right_ones_do_not(db: Database, ana: Person) -> None:
    made = await issued(db, factories.request(ana.id))
    with time_machine.travel(factories.DECIDED, tick=False) as clock:
        for _ in range(2 * service.VERIFICATION_POLICY.free):
            await verified(db, made.folio, made.code)
        for _ in range(service.VERIFICATION_POLICY.free + 1):
            with pytest.raises(NotFound):
                await verified(db, made.folio, "0000000000")
        with pytest.raises(TooManyRequests) as refused:
            await verified(db, made.folio, made.code)
        clock.shift(refused.value.retry_after)
        await verified(db, made.folio, made.code)
        with pytest.raises(TooManyRequests):
            await verified(db, made.folio, made.code)
        async with db.transaction() as session:
            elsewhere = Anonymous(Channel.API, "192.0.2.8")
            assert (await service.verify(session, elsewhere, made.folio, made.code)).folio == made.folio
