"""How many statements the paths of a request take: what is read once isn't read again for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.requests import steps
from tests.requests.conftest import Scene

SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def at_most(scene: Scene, count: int) -> Iterator[None]:
    """Fail when more statements are sent meanwhile, savepoints and who the caller is not counted."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(SAVEPOINTS):
            sent.append(" ".join(statement.split())[:120])

    engine = scene.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(sent) <= count, sent


async def test_of_a_request_that_an_officer_decides(scene: Scene) -> None:
    await steps.complain(scene, await steps.create_person(scene))  # the process knows the figures of law
    citizen = scene.citizen
    with at_most(scene, 7):
        folio = (await citizen.start("complaint", **steps.STORY)).json()["folio"]
    with at_most(scene, 4):
        assert (await citizen.save(folio, about="suggestion")).status_code == 200
    with at_most(scene, 3):
        await citizen.get(folio)
    with at_most(scene, 10):
        assert (await citizen.submit(folio)).json()["kind"] == "review"
    with at_most(scene, 7):
        await scene.officer.claim(folio)
    with at_most(scene, 10):
        assert (await scene.officer.decide(folio, "approve", "answered")).json()["outcome"] == "approved"


@pytest.mark.parametrize(("service", "count"), [("weeks", 14), ("vigencia", 15)])
async def test_of_a_service_that_is_answered_at_once(scene: Scene, service: str, count: int) -> None:
    await (await steps.create_person(scene)).start(service)
    with at_most(scene, count):
        answer = await scene.citizen.start(service)
    assert answer.json()["outcome"] == "approved", answer.text


async def test_of_a_draft_whose_rules_look_at_the_registry(scene: Scene) -> None:
    """All of the registry in one statement."""
    by = await steps.old_worker(scene)
    folio = (await by.start("pension", **steps.PENSION)).json()["folio"]
    with at_most(scene, 4):
        await by.get(folio)
