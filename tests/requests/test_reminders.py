"""People are reminded once of an answer that is due and of a draft that they left, in waking hours of their unit."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import text

from app.requests.service.reminders import remind_of_drafts, remind_to_answer
from tests.notifications.factories import account, words
from tests.notifications.mailbox import Mailbox, open_mailbox, work
from tests.requests import steps
from tests.requests.conftest import Scene


def noon(day: int) -> time_machine.travel:
    """Noon of a day of September, by the clock of Mexico City."""
    return time_machine.travel(datetime(2026, 9, day, 18, tzinfo=UTC), tick=True)


async def asked(scene: Scene) -> str:
    """A complaint about which the citizen was asked something."""
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    answer = await scene.officer.post(f"{folio}/ask", {"body": "Nos falta algo."})
    assert answer.status_code == 200, answer.text
    return folio


async def answers(scene: Scene) -> int:
    async with scene.db.transaction() as session:
        return await remind_to_answer(session, 10)


async def drafts(scene: Scene) -> int:
    async with scene.db.transaction() as session:
        return await remind_of_drafts(session, 10)


async def test_three_days_before_the_last_day_to_answer_once(scene: Scene) -> None:
    with noon(7):
        folio = await asked(scene)
        assert (await scene.citizen.get(folio))["answer_by"] == "2026-09-22"
    with noon(18):
        assert await answers(scene) == 0
    with time_machine.travel(datetime(2026, 9, 19, 13, 59, tzinfo=UTC)):  # one minute to eight in Mexico City
        assert await answers(scene) == 0
    with noon(19):
        assert [await answers(scene), await answers(scene)] == [1, 0]
    with noon(21):
        assert await answers(scene) == 0
    (event,) = await steps.facts(scene, folio, "request.answer-due-soon")
    assert event.payload["answer_by"] == "2026-09-22"


@pytest.mark.parametrize("day", [20, 23])
async def test_late_it_is_still_sent_and_past_the_day_not(scene: Scene, day: int) -> None:
    with noon(7):
        await asked(scene)
    with noon(day):
        assert await answers(scene) == (1 if day <= 22 else 0)


async def test_who_was_asked_within_these_days_is_not_reminded(scene: Scene) -> None:
    with noon(7):
        await asked(scene)
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE request SET stopped_at = '2026-09-19T18:00:00Z'"))
    with noon(20):
        assert await answers(scene) == 0


async def test_a_draft_left_for_two_days_once(scene: Scene) -> None:
    with noon(7):
        folio = (await scene.citizen.start("complaint", about="suggestion", story=steps.STORY["story"])).json()["folio"]
    with time_machine.travel(datetime(2026, 9, 9, 17, 59, tzinfo=UTC)):
        assert await drafts(scene) == 0
    with time_machine.travel(datetime(2026, 9, 10, 4, tzinfo=UTC)):  # ten in the evening
        assert await drafts(scene) == 0
    with noon(10):
        assert [await drafts(scene), await drafts(scene)] == [1, 0]
    assert len(await steps.facts(scene, folio, "request.draft-left-open")) == 1
    with noon(11):
        submitted = await scene.citizen.submit(folio)
        assert submitted.status_code == 200, submitted.text
        assert await drafts(scene) == 0


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_the_mail_about_a_draft(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_mailbox(monkeypatch) as mailbox:
        await _mail_about_a_draft(scene, mailbox)


async def _mail_about_a_draft(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    folio = (await scene.citizen.start("complaint", about="suggestion", story=steps.STORY["story"])).json()["folio"]
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE request SET changed_at = changed_at - interval '3 days'"))
        await session.execute(
            text("UPDATE unit SET timezone = :zone"), {"zone": f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"}
        )
    assert await drafts(scene) == 1
    await work(until_messages=1)
    (mail,) = mailbox.got
    assert mail["Subject"] == f"Le falta enviar la solicitud {folio}"
    assert f"/tramites/{folio}" in words(mail)
