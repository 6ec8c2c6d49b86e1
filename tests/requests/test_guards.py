"""The last word is the database's: what no program may write, whichever program it is."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.kernel import clock, ids
from app.kernel.db_errors import constraint_of
from app.requests.models import Request, WorkItem
from tests.requests import steps
from tests.requests.conftest import Scene


async def refused(scene: Scene, folio: str, table: str, change: str) -> str:
    """The constraint that stops this change of a request's row."""
    with pytest.raises(IntegrityError) as error:
        await steps.run(scene, f"UPDATE {table} SET {change} WHERE folio = '{folio}'")
    return constraint_of(error.value)


async def test_a_request_is_of_a_piece(scene: Scene) -> None:
    folio = await steps.complain(scene)
    for change, guard in {
        "kind = 'lost'": "kind",
        "kind = 'final'": "ends_with_outcome",
        "outcome = 'approved'": "ends_with_outcome",
        "kind = 'final', outcome = 'forgotten'": "outcome",
        "submitted_at = NULL": "draft_until_submitted",
        "acting_as = 'neighbour'": "acting_as",
        "acting_as = 'mandate'": "consent_recorded",
        "mandate_id = gen_random_uuid()": "consent_recorded",
        "spent_days = -1": "clock",
        "target_days = -1": "clock",
        "kind = 'waiting'": "owes_until",
        "answer_by = current_date": "owes_until",
    }.items():
        assert await refused(scene, folio, "request", change) == f"ck_request_{guard}", change
    for change in ("service_version = 12345", "service = 'made-up'"):
        assert await refused(scene, folio, "request", change) == "fk_request_service_service_version_service_version"


async def test_open_work_is_of_a_piece(scene: Scene) -> None:
    folio = await steps.complain(scene)
    for change, guard in {
        "role = 'analyst'": "role",
        "lease_until = now()": "lease_of_somebody",
    }.items():
        assert await refused(scene, folio, "work_item", change) == f"ck_work_item_{guard}", change


async def test_a_message_says_something_and_comes_from_a_person(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.citizen.post(folio, "messages", body="¿Cómo va?")
    for change, guard in {
        "kind = 'shout'": "kind",
        "author_kind = 'neighbour'": "author_kind",
        "body = ''": "body",
        "body = repeat('a', 4001)": "body",
    }.items():
        with pytest.raises(IntegrityError) as error:
            await steps.run(scene, f"UPDATE request_message SET {change}")
        assert constraint_of(error.value) == f"ck_request_message_{guard}", change


async def duplicate(scene: Scene, folio: str, **different: Any) -> str:
    """The constraint that stops a second row like this one; empty when nothing does."""
    async with scene.db.transaction() as session:
        stored = await session.get_one(Request, (scene.ana.id, (await steps.row(scene, folio)).id))
        values = {column.key: getattr(stored, column.key) for column in Request.__table__.columns}
        values |= {"id": ids.new_id(), "folio": ids.new_folio("R")} | different
        try:
            async with session.begin_nested():
                session.add(Request(**values))
        except IntegrityError as error:
            return constraint_of(error)
    return ""


@pytest.mark.parametrize("kind", ["checking", "review", "waiting", "visit"])
async def test_one_open_request_for_the_same_thing(scene: Scene, kind: str) -> None:
    folio = await steps.complain(scene)
    owed, since = (steps.TODAY, clock.now()) if kind in ("waiting", "visit") else (None, None)
    assert await duplicate(scene, folio, kind=kind, answer_by=owed, stopped_at=since) == "uq_request_open"
    assert await duplicate(scene, folio, duplicate_key="thanks") == ""
    assert await duplicate(scene, folio, kind="final", outcome="withdrawn") == ""
    other = await steps.create_person(scene)
    assert await duplicate(scene, folio, person_id=other.person_id) == ""


async def test_one_draft_an_applicant(scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    assert await duplicate(scene, folio) == "uq_request_draft"
    assert await duplicate(scene, folio, applicant_id=ids.new_id()) == ""


async def test_open_work_is_one_row_a_request(scene: Scene) -> None:
    folio = await steps.complain(scene)
    async with scene.db.transaction() as session:
        stored = await session.get_one(WorkItem, (scene.unit.id, (await steps.row(scene, folio)).id))
        values = {column.key: getattr(stored, column.key) for column in WorkItem.__table__.columns}
        with pytest.raises(IntegrityError) as error:
            await session.execute(insert(WorkItem).values(values | {"due_on": stored.due_on + timedelta(days=1)}))
    assert constraint_of(error.value) == "pk_work_item"
