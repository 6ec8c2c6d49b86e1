"""One registration of two people, who asks for it and however often: twice, from both sides, at once; undone."""

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
from app.kernel.events import EventRow
from app.registry.models import Dependant, PersonalDataView
from tests.registry.files import nss
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import found_by_staff
from tests.requests.relatives import PROVED, SERVICE, applicant, approve, ask, asked, depend, holder, links, person


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


async def test_asked_for_twice_there_is_one(scene: Scene) -> None:
    me, older = await applicant(scene), await holder(scene)
    folio = await ask(scene, me, older.nss)
    for named in (older.nss, older.curp, nss(99_001)):
        draft = (await me.start(SERVICE, **asked("spouse", named))).json()["folio"]
        for document in ("marriage-certificate", "relative-identification"):
            await me.attach(draft, document)
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
    them, me = actors.Citizen(scene.client, older.id), await applicant(scene)
    curp = (await person(scene, me.person_id)).curp
    theirs = (
        (await them.submit_request(SERVICE, kinship="spouse", dependant_curp=curp))["folio"] if is_holder_first else ""
    )
    mine = await ask(scene, me, older.nss)
    theirs = theirs or (await them.submit_request(SERVICE, kinship="spouse", dependant_curp=curp))["folio"]
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
        them, me = actors.Citizen(scene.client, older.id), await applicant(scene)
        curp = (await person(scene, me.person_id)).curp
        mine = await ask(scene, me, older.nss)
        theirs = (await them.submit_request(SERVICE, kinship="spouse", dependant_curp=curp))["folio"]
        both = await asyncio.gather(approve(scene, mine), approve(scene, theirs, other))
        assert sorted(one.get("outcome") or one["type"] for one in both) == ["/problems/already-dependant", "approved"]
        assert [link.person_id for link in await links(scene) if link.holder_id == older.id] == [me.person_id]


async def test_each_registered_with_the_other_at_once_waits_for_no_one_forever(scene: Scene) -> None:
    """Two people who ask each to be registered with the other: both are locked in the same order."""
    other = await steps.hire(scene, Role.OFFICER)
    for _ in range(2):
        one, two = await holder(scene), await holder(scene)
        folios = [
            await ask(scene, actors.Citizen(scene.client, mine.id), theirs.nss)
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


async def test_many_at_once_are_previewed_with_both_and_decided(scene: Scene) -> None:
    """Each by itself; who is named is recorded as seen."""
    older, never = await holder(scene), await holder(scene, insured=False)
    folios = [await ask(scene, await applicant(scene), named.nss) for named in (older, never)]
    body = {"action": "approve", "reasons": [PROVED], "message": "", "folios": folios, "preview": True}
    lines = (await scene.officer.post("bulk", body)).json()
    assert lines[0]["changes"][0]["after_text"] == older.full_name
    assert lines[1]["problem"] == "holder-without-rights"
    assert await steps.how_many(scene, PersonalDataView, PersonalDataView.person_id == older.id) == 1
    assert await links(scene) == []
    await scene.officer.post("bulk", body | {"preview": False})
    assert [link.holder_id for link in await links(scene)] == [older.id]


async def test_pressed_twice_it_is_done_once(scene: Scene) -> None:
    me, older = await applicant(scene), await holder(scene)
    draft = (await me.start(SERVICE, **asked("spouse", older.nss))).json()["folio"]
    for document in ("marriage-certificate", "relative-identification"):
        await me.attach(draft, document)
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


async def undo(by: actors.Officer, folio: str) -> dict[str, Any]:
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
        by = actors.Citizen(scene.client, older.id)
        folio = (await by.submit_request(SERVICE, kinship="spouse", dependant_curp=curp))["folio"]
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
