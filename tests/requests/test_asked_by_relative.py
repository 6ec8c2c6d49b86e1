"""Spouse, partner, parents and adult children ask themselves to be registered (imss.gob.mx/tramites/registro-umf), and
learn nothing of the person they name; from both sides at once, twice, and undone."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.facts import EventRow
from app.registry.models import Dependant, FormerCurp, Person, PersonalDataView
from app.requests.models import Refusal, Request
from tests.registry.files import nss
from tests.requests import make, steps
from tests.requests.conftest import Scene
from tests.requests.history import failed, found_by_staff
from tests.requests.relatives import (
    BORN,
    KINSHIPS,
    PROVED,
    SERVICE,
    applicant,
    approve,
    ask,
    asked,
    depend,
    holder,
    links,
    person,
    plain,
    variants,
    working,
)


@pytest.mark.parametrize("kinship", KINSHIPS)
async def test_each_relative_asks_and_is_registered(scene: Scene, kinship: str) -> None:
    older = await holder(scene, birth_on=date(1980, 1, 1)) if kinship == "child" else await holder(scene)
    me = await applicant(scene, KINSHIPS[kinship][0])
    named = older.curp if kinship in ("partner", "child") else older.nss
    done = await me.hand_in(SERVICE, **asked(kinship, named))
    assert (done["kind"], failed(done), done["changes"]) == ("review", set(), [])
    assert await found_by_staff(scene, done["folio"]) == set()
    seen = (await scene.client.get(f"/api/v1/requests/{done['folio']}", headers=scene.officer.headers)).json()
    teodora = await person(scene, me.person_id)
    assert [one["after_text"] for one in seen["changes"]][:2] == [older.full_name, teodora.full_name]
    viewed = {row.person_id for row in await views(scene)}
    assert {older.id, me.person_id} <= viewed, "both were shown, and it is recorded"
    decided = await approve(scene, done["folio"])
    assert decided["outcome"] == "approved", decided
    assert next(row["value"] for row in decided["rows"]) == teodora.full_name
    [link] = await links(scene)
    assert (link.holder_id, link.person_id, link.kinship) == (older.id, me.person_id, kinship)
    assert older.full_name not in json.dumps(await me.get(done["folio"])), "nor afterwards"


async def views(scene: Scene) -> list[PersonalDataView]:
    async with scene.db.transaction() as session:
        return list((await session.scalars(select(PersonalDataView))).all())


async def test_the_applicant_is_shown_the_same_whoever_they_name(scene: Scene) -> None:
    """Every answer, from the draft to what is read afterwards, and the document of a refusal."""
    shown: dict[str, list[str]] = {}
    for name, number in (await variants(scene)).items():
        me = await applicant(scene)
        curp = (await person(scene, me.person_id)).curp
        started = await me.start(SERVICE, **asked("spouse", number))
        folio = started.json()["folio"]
        draft = await scene.client.get(f"/api/v1/requests/{folio}", headers=me.headers)
        attached = [await me.attach(folio, paper["kind"]) for paper in draft.json()["papers"]]
        done = await me.submit(folio)
        assert [one.status_code for one in (started, draft, *attached, done)] == [201, 200, 201, 201, 200]
        await scene.officer.claim(folio)
        refused = await scene.officer.decide(folio, "refuse", "not-possible", message="")
        assert refused.status_code == 200, refused.text
        after = await scene.client.get(f"/api/v1/requests/{folio}", headers=me.headers)
        async with scene.db.transaction() as session:
            document = await session.scalar(select(Refusal.document).where(Refusal.person_id == me.person_id))
        texts = [started.text, draft.text, done.text, after.text, json.dumps(document)]
        shown[name] = [plain(one, number, curp) for one in texts]
        assert not any(secret in text for text in texts for secret in ("Xochiquetzal", "Zorrilla", "Quintanar"))
    for name, texts in shown.items():
        assert texts == shown["insured"], name


@contextmanager
def statements(scene: Scene) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    engine = scene.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def failures(scene: Scene) -> Iterator[list[str]]:
    """What the database refused meanwhile."""
    found: list[str] = []

    def note(context: Any) -> None:
        found.append(str(context.original_exception))

    engine = scene.db.engine.sync_engine
    event.listen(engine, "handle_error", note)
    try:
        yield found
    finally:
        event.remove(engine, "handle_error", note)


@pytest.mark.parametrize("by_curp", [False, True])
async def test_as_much_is_asked_of_the_database_whoever_they_name(scene: Scene, by_curp: bool) -> None:
    """How long an answer takes would show as well who is in the registry."""
    known, never = await holder(scene), await holder(scene, insured=False)
    await depend(scene, known, (await applicant(scene)).person_id, "spouse")
    numbers = [known.nss, never.nss, nss(990_001)]
    if by_curp:
        numbers = [known.curp, never.curp, make.curp(date(1985, 1, 2))]
    sent: list[list[str]] = []
    for number in numbers:
        me = await applicant(scene)
        with statements(scene) as meanwhile:
            folio = (await me.start(SERVICE, **asked("spouse", number))).json()["folio"]
            await me.save(folio, kinship="civil-union")
            await me.get(folio)
            for paper in ("civil-union-certificate", "relative-identification"):
                await me.attach(folio, paper)
            assert (await me.submit(folio)).status_code == 200
        sent.append(meanwhile)
    assert sent[0] == sent[1] == sent[2]


async def test_what_is_of_the_applicant_is_refused_at_its_answer(scene: Scene) -> None:
    me = await applicant(scene)
    async with scene.db.transaction() as session:
        own = await session.get_one(Person, me.person_id)
        own.nss, curp = nss(77_001), own.curp
        former = make.curp(BORN)
        session.add(FormerCurp(curp=former, person_id=own.id, replaced_at=clock.now()))
    for named in (nss(77_001), curp, former):
        said = await me.start(SERVICE, **asked("spouse", named))
        assert (said.status_code, said.json()["fields"][0]["field"]) == (422, "holder"), named
        assert "Ese dato es de usted" in said.json()["fields"][0]["message"]
    wrong = await me.start(SERVICE, **asked("spouse", nss(77_002)[:-1] + str((int(nss(77_002)[-1]) + 1) % 10)))
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "holder")
    missing = await me.start(SERVICE, asked_by="relative", kinship="spouse")
    refused = await me.submit(missing.json()["folio"])
    assert [one["field"] for one in refused.json()["fields"]] == ["holder"], "and no CURP of a dependant"


async def test_a_minor_and_a_minor_in_care_do_not_ask(scene: Scene) -> None:
    older = await holder(scene, birth_on=date(1970, 1, 1))
    day = steps.TODAY
    about: dict[str, Any] = {"asked_by": "relative", "situation": "none", "holder": older.nss}
    for born, kinship, field in (
        (steps.ago(17 * 365), "child", "asked_by"),
        (day.replace(year=day.year - 18) + timedelta(days=1), "child", "asked_by"),
        (date(2000, 1, 1), "ward", "kinship"),
    ):
        said = await (await applicant(scene, born)).start(SERVICE, **about, kinship=kinship)
        assert (said.status_code, said.json()["fields"][0]["field"]) == (422, field), (born, kinship)
    eighteen = await applicant(scene, day.replace(year=day.year - 18))
    until = day.replace(day=1) + timedelta(days=200)
    studies = about | {"situation": "studies", "studies_until": until.isoformat(), "kinship": "child"}
    assert (await eighteen.hand_in(SERVICE, **studies))["kind"] == "review"


async def test_a_child_over_the_age_is_refused_by_their_own_data(scene: Scene) -> None:
    me = await applicant(scene, date(1995, 1, 1))
    done = await me.hand_in(SERVICE, **asked("child", nss(88_001)) | {"situation": "none"})
    assert (done["outcome"], failed(done)) == ("refused", {"kinship_allowed"})
    said = " ".join(reason["text"] for reason in done["reasons"])
    assert "Quien se registra tiene" in said
    assert len(done["reasons"]) == 1, "and nothing is said of the other person"


async def test_dates_that_do_not_fit_are_those_of_the_curp_itself(scene: Scene) -> None:
    """The same whether or not the registry has that CURP."""
    me = await applicant(scene)
    known = await holder(scene, birth_on=date(2012, 1, 1))
    for named in (known.curp, make.curp(date(2012, 1, 1))):
        said = await me.start(SERVICE, **asked("spouse", named))
        assert (said.status_code, said.json()["fields"][0]["field"]) == (422, "holder")
    assert (await me.start(SERVICE, **asked("spouse", known.nss))).status_code == 201, "a number says no date"


@pytest.mark.parametrize(
    ("kind", "rule", "slug"),
    [
        ("unknown", "holder_known", "holder-unknown"),
        ("never", "holder_insured", "holder-without-rights"),
        ("taken", "holder_without_couple", "couple-registered"),
        ("young", "holder_age_fits", "holder-unfit"),
    ],
)
async def test_what_stands_in_the_way_is_found_by_the_officer(scene: Scene, kind: str, rule: str, slug: str) -> None:
    me = await applicant(scene)
    number = (await variants(scene))[kind]
    folio = await ask(scene, me, number)
    assert {"text", "outcome"} <= set((await me.get(folio))["checks"][0])
    assert rule in await found_by_staff(scene, folio)
    said = await approve(scene, folio)
    assert said["type"] == f"/problems/{slug}"
    assert [link.holder_id for link in await links(scene) if link.person_id == me.person_id] == []
    for mine in ("couple-registered", "not-identified"):
        assert (await scene.officer.decide(folio, "refuse", mine)).json()["type"] == "/problems/unknown-reason"
    refused = await scene.officer.decide(folio, "refuse", "not-possible")
    assert refused.status_code == 200, refused.text
    event_row = steps.only(await steps.facts(scene, folio, "request.decided"))
    assert event_row.payload["reasons"] == ["not-possible"]


async def test_a_holder_s_request_has_reasons_of_its_own(scene: Scene) -> None:
    folio = (await scene.citizen.hand_in(SERVICE, kinship="spouse", dependant_curp=make.curp(BORN)))["folio"]
    await scene.officer.claim(folio)
    assert (await scene.officer.decide(folio, "refuse", "not-possible")).json()["type"] == "/problems/unknown-reason"
    assert (await scene.officer.decide(folio, "refuse", "not-identified")).status_code == 200


async def test_who_is_a_dependant_of_another_goes_to_an_officer(scene: Scene) -> None:
    me, first, second = await applicant(scene), await holder(scene), await holder(scene)
    await depend(scene, first, me.person_id, "parent")
    folio = await ask(scene, me, second.nss)
    assert await found_by_staff(scene, folio) == {"relative_not_covered"}
    assert (await approve(scene, folio))["outcome"] == "approved"
    assert {link.holder_id for link in await links(scene)} == {first.id, second.id}


async def test_asked_for_twice_there_is_one(scene: Scene) -> None:
    me, older = await applicant(scene), await holder(scene)
    folio = await ask(scene, me, older.nss)
    for named in (older.nss, older.curp, nss(99_001)):
        draft = (await me.start(SERVICE, **asked("spouse", named))).json()["folio"]
        for paper in ("marriage-certificate", "relative-identification"):
            await me.attach(draft, paper)
        again = await me.submit(draft)
        assert (again.status_code, again.json()["type"]) == (409, "/problems/already-open"), named
        assert again.json()["folio"] == folio
    assert (await approve(scene, folio))["outcome"] == "approved"
    second = await ask(scene, me, older.curp)
    assert (await approve(scene, second))["type"] == "/problems/already-dependant"
    assert (await scene.officer.decide(second, "refuse", "already-registered")).status_code == 200


@pytest.mark.parametrize("is_holder_first", [True, False])
async def test_from_both_sides_one_is_registered_and_the_other_refused(scene: Scene, is_holder_first: bool) -> None:
    older = await holder(scene)
    them, me = make.Citizen(scene.client, older.id), await applicant(scene)
    curp = (await person(scene, me.person_id)).curp
    theirs = (await them.hand_in(SERVICE, kinship="spouse", dependant_curp=curp))["folio"] if is_holder_first else ""
    mine = await ask(scene, me, older.nss)
    theirs = theirs or (await them.hand_in(SERVICE, kinship="spouse", dependant_curp=curp))["folio"]
    first, second = (theirs, mine) if is_holder_first else (mine, theirs)
    assert "asked_once" not in await found_by_staff(scene, first)
    seen = (await scene.client.get(f"/api/v1/requests/{second}", headers=scene.officer.headers)).json()
    [said] = [one["text"] for one in seen["checks"] if one["rule"] == "asked_once"]
    assert first in said
    for by, folio, other in ((them, theirs, mine), (me, mine, theirs)):
        assert other not in json.dumps(await by.get(folio)), "neither learns of the other's request"
    assert (await approve(scene, first))["outcome"] == "approved"
    assert (await approve(scene, second))["type"] == "/problems/already-dependant"
    done = await scene.officer.decide(second, "refuse", "already-registered")
    assert done.json()["reasons"][0]["text"] == "Ese registro ya existe y está vigente."
    assert len(await links(scene)) == 1


async def test_decided_at_once_from_both_sides_there_is_one(scene: Scene) -> None:
    other = await steps.hire(scene, Role.OFFICER)
    for _ in range(2):
        older = await holder(scene)
        them, me = make.Citizen(scene.client, older.id), await applicant(scene)
        curp = (await person(scene, me.person_id)).curp
        mine = await ask(scene, me, older.nss)
        theirs = (await them.hand_in(SERVICE, kinship="spouse", dependant_curp=curp))["folio"]
        both = await asyncio.gather(approve(scene, mine), approve(scene, theirs, other))
        assert sorted(one.get("outcome") or one["type"] for one in both) == ["/problems/already-dependant", "approved"]
        assert [link.person_id for link in await links(scene) if link.holder_id == older.id] == [me.person_id]


async def test_each_registered_with_the_other_at_once_waits_for_nobody_forever(scene: Scene) -> None:
    """Two people who ask each to be registered with the other: both are locked in the same order."""
    other = await steps.hire(scene, Role.OFFICER)
    for _ in range(2):
        one, two = await holder(scene), await holder(scene)
        folios = [
            await ask(scene, make.Citizen(scene.client, mine.id), theirs.nss)
            for mine, theirs in ((one, two), (two, one))
        ]
        await scene.officer.claim(folios[0])
        await other.claim(folios[1])
        with failures(scene) as failed_with:
            both = await asyncio.gather(
                scene.officer.decide(folios[0], "approve", PROVED), other.decide(folios[1], "approve", PROVED)
            )
        assert [each.json()["outcome"] for each in both] == ["approved", "approved"]
        assert failed_with == [], "no deadlock that another try would hide"


async def test_two_spouses_of_one_holder_at_once(scene: Scene) -> None:
    older, other = await holder(scene), await steps.hire(scene, Role.OFFICER)
    folios = [await ask(scene, await applicant(scene), older.nss, kinship) for kinship in ("spouse", "civil-union")]
    both = await asyncio.gather(approve(scene, folios[0]), approve(scene, folios[1], other))
    assert sorted(one.get("outcome") or one["type"] for one in both) == ["/problems/couple-registered", "approved"]
    assert len(await links(scene)) == 1


async def test_the_database_takes_one_couple_at_a_time(scene: Scene) -> None:
    older, one, two = await holder(scene), await applicant(scene), await applicant(scene)
    await depend(scene, older, one.person_id, "spouse", ends_on=date(2024, 5, 6))
    for starts_on in (date(2019, 1, 1), date(2024, 5, 6)):
        with pytest.raises(IntegrityError, match="ex_dependant_one_couple"):
            await depend(scene, older, two.person_id, "partner", starts_on=starts_on)
    await depend(scene, older, two.person_id, "partner", starts_on=date(2024, 5, 7))
    await depend(scene, await holder(scene), one.person_id, "spouse")
    endless = f"UPDATE dependant SET ends_on = NULL WHERE holder_id = '{older.id}'"
    with pytest.raises(IntegrityError, match="ex_dependant_one_couple"):
        await steps.run(scene, endless)


async def test_pressed_twice_it_is_done_once(scene: Scene) -> None:
    me, older = await applicant(scene), await holder(scene)
    draft = (await me.start(SERVICE, **asked("spouse", older.nss))).json()["folio"]
    for paper in ("marriage-certificate", "relative-identification"):
        await me.attach(draft, paper)
    sent = await asyncio.gather(*(me.submit(draft, key="one-and-only-key") for _ in range(2)))
    assert {one.status_code for one in sent} == {200}
    await scene.officer.claim(draft)
    body = {"action": "approve", "reasons": [PROVED], "message": ""}
    path = f"{draft}/decide"
    done = await asyncio.gather(*(scene.officer.post(path, body, key="another-only-key") for _ in range(2)))
    assert {one.status_code for one in done} == {200}
    assert len(await links(scene)) == 1
    assert len(await events_of(scene, "relative.registered")) == 1


async def events_of(scene: Scene, kind: str) -> list[EventRow]:
    async with scene.db.transaction() as session:
        return list((await session.scalars(select(EventRow).where(EventRow.type == kind))).all())


async def undo(by: make.Officer, folio: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await by.post(f"{folio}/undo")).json()
    return answer


async def test_an_approval_is_undone(scene: Scene) -> None:
    me, older = await applicant(scene), await holder(scene)
    folio = await ask(scene, me, older.nss)
    assert "undo" in (await approve(scene, folio))["actions"]
    assert (await me.get(folio))["certificate"] is False, "not while it can be undone"
    done = await undo(scene.officer, folio)
    assert (done["kind"], done["outcome"], done["rows"]) == ("review", None, [])
    assert await links(scene) == []
    [undone] = await events_of(scene, "relative.registration-undone")
    assert (undone.person_id, undone.payload["dependant_id"]) == (older.id, str(me.person_id))
    assert steps.only(await steps.facts(scene, folio, "request.approval-undone")).payload["correction_id"] is None
    assert (await undo(scene.officer, folio))["type"] == "/problems/wrong-state"
    assert (await approve(scene, folio))["outcome"] == "approved", "and it can be approved again"
    with time_machine.travel(clock.now() + timedelta(minutes=11, seconds=1), tick=True):
        assert (await undo(scene.officer, folio))["type"] == "/problems/undo-too-late"
        assert (await me.get(folio))["certificate"] is True
    assert len(await links(scene)) == 1


@pytest.mark.parametrize("by_holder", [True, False])
async def test_an_undone_registration_is_as_it_was_before(scene: Scene, by_holder: bool) -> None:
    me, older = await applicant(scene), await holder(scene)
    await depend(scene, older, me.person_id, "partner", ends_on=date(2021, 5, 6))
    if by_holder:
        curp = (await person(scene, me.person_id)).curp
        by = make.Citizen(scene.client, older.id)
        folio = (await by.hand_in(SERVICE, kinship="spouse", dependant_curp=curp))["folio"]
    else:
        folio = await ask(scene, me, older.nss)
    await approve(scene, folio)
    [link] = await links(scene)
    assert (link.kinship, link.ends_on) == ("spouse", None)
    assert (await undo(scene.officer, folio))["kind"] == "review"
    [link] = await links(scene)
    was = ("partner", date(2020, 1, 1), date(2021, 5, 6))
    assert (link.kinship, link.starts_on, link.ends_on) == was
    assert len(await events_of(scene, "relative.registration-undone")) == (0 if by_holder else 1)


async def test_what_was_changed_since_is_not_undone(scene: Scene) -> None:
    me, older = await applicant(scene), await holder(scene)
    folio = await ask(scene, me, older.nss)
    await approve(scene, folio)
    async with scene.db.transaction() as session:
        (await session.get_one(Dependant, (older.id, me.person_id))).ends_on = steps.TODAY
    seen = (await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)).json()
    assert "undo" not in seen["actions"]
    assert (await undo(scene.officer, folio))["type"] == "/problems/registration-changed"
    assert (await steps.row(scene, folio)).outcome == "approved"


async def test_a_holder_who_works_again_is_looked_at_again(scene: Scene) -> None:
    """What stood in the way when it was asked for may be gone when it is decided."""
    me, older = await applicant(scene), await holder(scene, insured=False)
    folio = await ask(scene, me, older.curp)
    assert (await approve(scene, folio))["type"] == "/problems/holder-without-rights"
    await working(scene, older)
    assert (await scene.officer.decide(folio, "approve", PROVED)).json()["outcome"] == "approved"


async def test_an_agent_asks_for_who_gave_consent_only(scene: Scene) -> None:
    """Nobody asks in the name of the person to register without their consent."""
    me, older = await applicant(scene), await holder(scene)
    begun = await make.Citizen(scene.client, older.id).start(
        SERVICE, person_id=me.person_id, **asked("spouse", older.nss)
    )
    assert begun.status_code == 404


async def test_answers_without_the_question_are_a_holder_s(scene: Scene) -> None:
    """Programs that don't know the question go on as before."""
    me = await applicant(scene)
    curp = (await person(scene, me.person_id)).curp
    done = await scene.citizen.hand_in(SERVICE, kinship="spouse", dependant_curp=curp)
    assert done["answers"] == {"asked_by": "holder", "kinship": "spouse", "dependant_curp": curp}
    assert await steps.how_many(scene, Request, Request.kind == "draft") == 0
