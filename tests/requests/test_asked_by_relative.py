"""Spouse, partner, parents and adult children ask themselves to be registered (imss.gob.mx/tramites/registro-umf), and
learn nothing of the person they name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from app.kernel import clock
from app.registry.models import FormerCurp, Person, PersonalDataView
from app.requests.models import Refusal, Request
from tests.registry.files import nss
from tests.requests import actors, steps
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
    done = await me.submit_request(SERVICE, **asked(kinship, named))
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


async def test_the_applicant_is_shown_the_same_for_any_person_named(scene: Scene) -> None:
    """Every answer, from the draft to what is read afterwards, and the document of a refusal."""
    shown: dict[str, list[str]] = {}
    for name, number in (await variants(scene)).items():
        me = await applicant(scene)
        curp = (await person(scene, me.person_id)).curp
        started = await me.start(SERVICE, **asked("spouse", number))
        folio = started.json()["folio"]
        draft = await scene.client.get(f"/api/v1/requests/{folio}", headers=me.headers)
        attached = [await me.attach(folio, paper["kind"]) for paper in draft.json()["required_documents"]]
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


@pytest.mark.parametrize("by_curp", [False, True])
async def test_the_same_queries_run_for_any_person_named(scene: Scene, by_curp: bool) -> None:
    """How long an answer takes would show as well who is in the registry."""
    known, never = await holder(scene), await holder(scene, insured=False)
    await depend(scene, known, (await applicant(scene)).person_id, "spouse")
    await steps.complain(scene, await applicant(scene))  # the search knows the applicants' name: the first brings it
    numbers = [known.nss, never.nss, nss(990_001)]
    if by_curp:
        numbers = [known.curp, never.curp, actors.curp(date(1985, 1, 2))]
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
        former = actors.curp(BORN)
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
    assert (await eighteen.submit_request(SERVICE, **studies))["kind"] == "review"


async def test_a_child_over_the_age_is_refused_by_their_own_data(scene: Scene) -> None:
    me = await applicant(scene, date(1995, 1, 1))
    done = await me.submit_request(SERVICE, **asked("child", nss(88_001)) | {"situation": "none"})
    assert (done["outcome"], failed(done)) == ("refused", {"kinship_allowed"})
    said = " ".join(reason["text"] for reason in done["reasons"])
    assert "Quien se registra tiene" in said
    assert len(done["reasons"]) == 1, "and nothing is said of the other person"


async def test_dates_that_do_not_fit_are_those_of_the_curp_itself(scene: Scene) -> None:
    """The same whether or not the registry has that CURP."""
    me = await applicant(scene)
    known = await holder(scene, birth_on=date(2012, 1, 1))
    for named in (known.curp, actors.curp(date(2012, 1, 1))):
        said = await me.start(SERVICE, **asked("spouse", named))
        assert (said.status_code, said.json()["fields"][0]["field"]) == (422, "holder")
    assert (await me.start(SERVICE, **asked("spouse", known.nss))).status_code == 201, "a number says no date"


@pytest.mark.parametrize(
    ("kind", "rule", "slug"),
    [
        ("unknown", "holder_known", "holder-unknown"),
        ("never", "holder_insured", "holder-without-rights"),
        ("taken", "holder_without_couple", "couple-registered"),
        ("young", "holder_age_fits", "holder-ineligible"),
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
        assert (await scene.officer.decide(folio, "refuse", mine)).json()["type"] == "/problems/reason-unknown"
    refused = await scene.officer.decide(folio, "refuse", "not-possible")
    assert refused.status_code == 200, refused.text
    event_row = steps.only(await steps.facts(scene, folio, "request.decided"))
    assert event_row.payload["reasons"] == ["not-possible"]


async def test_a_holder_s_request_has_reasons_of_its_own(scene: Scene) -> None:
    folio = (await scene.citizen.submit_request(SERVICE, kinship="spouse", dependant_curp=actors.curp(BORN)))["folio"]
    await scene.officer.claim(folio)
    assert (await scene.officer.decide(folio, "refuse", "not-possible")).json()["type"] == "/problems/reason-unknown"
    assert (await scene.officer.decide(folio, "refuse", "not-identified")).status_code == 200


async def test_who_is_a_dependant_of_another_goes_to_an_officer(scene: Scene) -> None:
    me, first, second = await applicant(scene), await holder(scene), await holder(scene)
    await depend(scene, first, me.person_id, "parent")
    folio = await ask(scene, me, second.nss)
    assert await found_by_staff(scene, folio) == {"relative_not_covered"}
    assert (await approve(scene, folio))["outcome"] == "approved"
    assert {link.holder_id for link in await links(scene)} == {first.id, second.id}


async def test_a_holder_who_works_again_is_looked_at_again(scene: Scene) -> None:
    """What stood in the way when it was asked for may be gone when it is decided."""
    me, older = await applicant(scene), await holder(scene, insured=False)
    folio = await ask(scene, me, older.curp)
    assert (await approve(scene, folio))["type"] == "/problems/holder-without-rights"
    await working(scene, older)
    assert (await scene.officer.decide(folio, "approve", PROVED)).json()["outcome"] == "approved"


async def test_an_agent_asks_for_who_gave_consent_only(scene: Scene) -> None:
    """No one asks in the name of the person to register without their consent."""
    me, older = await applicant(scene), await holder(scene)
    begun = await actors.Citizen(scene.client, older.id).start(
        SERVICE, person_id=me.person_id, **asked("spouse", older.nss)
    )
    assert begun.status_code == 404


async def test_answers_without_the_question_are_a_holder_s(scene: Scene) -> None:
    """Programs that don't know the question go on as before."""
    me = await applicant(scene)
    curp = (await person(scene, me.person_id)).curp
    done = await scene.citizen.submit_request(SERVICE, kinship="spouse", dependant_curp=curp)
    assert done["answers"] == {"asked_by": "holder", "kinship": "spouse", "dependant_curp": curp}
    assert await steps.how_many(scene, Request, Request.kind == "draft") == 0
