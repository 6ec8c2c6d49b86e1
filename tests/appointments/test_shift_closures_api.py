"""A doctor is absent, over HTTP: preview, close, who answered, and the answers."""

import httpx
import pytest
from sqlalchemy import text

from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import ids
from app.kernel.actor import Assurance
from app.kernel.db import transaction
from tests.appointments.absence import booked
from tests.appointments.week import FRIDAY, THURSDAY, at, opened
from tests.conftest import Database

pytestmark = pytest.mark.usefixtures("working_days")


async def test_from_the_preview_to_the_answers(client: httpx.AsyncClient, db: Database) -> None:
    staff_id = ids.new_id()
    async with transaction() as session:
        unit, _schedule = await opened(session)
        (ana, first), (_eva, second) = await booked(session, unit, at(THURSDAY, 8), at(THURSDAY, 9))
        await session.execute(text("UPDATE person SET phone = '5512345678' WHERE id = :id"), {"id": ana.id})
        await session.execute(
            text(
                "INSERT INTO staff (id, username, full_name, role, all_units, is_active, password_hash,"
                " totp_secret_encrypted, created_at)"
                " VALUES (:id, 'jefa', 'Jefa', 'supervisor', true, true, '', '', now())"
            ),
            {"id": staff_id},
        )
    boss = {"Authorization": f"Bearer {issue_access_token(STAFF, staff_id)[0]}"}
    hers = {"Authorization": f"Bearer {issue_access_token(CITIZEN, ana.id, assurance=Assurance.FULL)[0]}"}

    def keyed(who: dict[str, str]) -> dict[str, str]:
        return who | {"Idempotency-Key": str(ids.new_id())}

    day = THURSDAY.isoformat()
    span = {"unit_id": str(unit.id), "room": 1, "first": day, "last": day, "reason": "leave"}
    seen = (await client.post("/api/v1/shift-closures/preview", json=span, headers=boss)).json()
    assert [(one["folio"], one["tier"]) for one in seen["hits"]] == [(first, "room"), (second, "room")]
    assert (seen["hits"][0]["name"], seen["listed_before"]) == ("Ana Núñez Peña", 0)
    wrong = await client.post("/api/v1/shift-closures", json=span | {"digest": "0" * 32}, headers=keyed(boss))
    assert (wrong.status_code, wrong.json()["type"], wrong.json()["digest"]) == (
        409,
        "/problems/preview-outdated",
        seen["digest"],
    )
    nothing = await client.get(f"/api/v1/appointments/{first}/offer", headers=hers)
    assert nothing.status_code == 404
    key = keyed(boss)
    made = await client.post("/api/v1/shift-closures", json=span | {"digest": seen["digest"]}, headers=key)
    again = await client.post("/api/v1/shift-closures", json=span | {"digest": seen["digest"]}, headers=key)
    assert (made.status_code, again.json()) == (201, made.json()), made.text
    offer = (await client.get(f"/api/v1/appointments/{first}/offer", headers=hers)).json()
    assert offer["offered"]["start_at"] == "2026-10-09T14:00:00Z"
    taken = await client.post(f"/api/v1/appointments/{first}/offer/accept", headers=keyed(hers) | {"If-Match": '"2"'})
    assert (taken.status_code, taken.json()["start_at"]) == (200, at(FRIDAY, 8).isoformat().replace("+00:00", "Z"))
    rung = await client.post(f"/api/v1/appointments/{second}/offer/calls", headers=keyed(boss))
    assert rung.status_code == 204
    people = (await client.get(made.headers["location"], headers=boss)).json()
    assert [(one["reply_status"], one["answer"], one["calls"], one["phone"]) for one in people] == [
        ("answered", "accepted", 0, "5512345678"),
        ("ring", None, 1, None),
    ]
    late = await client.post(f"/api/v1/appointments/{first}/offer/calls", headers=keyed(boss))
    assert (late.status_code, late.json()["type"]) == (409, "/problems/offer-over")
    refused = await client.post("/api/v1/shift-closures/preview", json=span | {"last": "2026-10-01"}, headers=boss)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "last")
    async with transaction() as session:
        await session.execute(text("UPDATE staff SET role = 'analyst'"))
    other = await client.post(f"/api/v1/appointments/{second}/offer/calls", headers=keyed(boss))
    assert (other.status_code, other.json()["type"]) == (403, "/problems/wrong-role")


async def test_a_schedule_is_corrected_as_its_preview_showed(client: httpx.AsyncClient, db: Database) -> None:
    staff_id = ids.new_id()
    async with transaction() as session:
        unit, schedule = await opened(session)
        ((_ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
        await session.execute(
            text(
                "INSERT INTO staff (id, username, full_name, role, all_units, is_active, password_hash,"
                " totp_secret_encrypted, created_at)"
                " VALUES (:id, 'jefa', 'Jefa', 'supervisor', true, true, '', '', now())"
            ),
            {"id": staff_id},
        )
    boss = {"Authorization": f"Bearer {issue_access_token(STAFF, staff_id)[0]}", "If-Match": '"1"'}
    path, change = f"/api/v1/schedules/{schedule.id}", {"starts": "09:00", "ends": "11:00"}
    seen = (await client.post(f"{path}/preview", json=change, headers=boss)).json()
    assert (seen["removed_seats"], seen["generated_seats"]) == (9, 110)
    assert [(one["folio"], one["offered"]["start_at"]) for one in seen["hits"]] == [(folio, "2026-10-08T15:00:00Z")]
    keys = [boss | {"Idempotency-Key": str(ids.new_id())} for _ in range(2)]
    wrong = await client.post(f"{path}/corrections?digest=x", json=change, headers=keys[0])
    assert (wrong.status_code, wrong.json()["type"]) == (409, "/problems/preview-outdated")
    made = await client.post(f"{path}/corrections?digest={seen['digest']}", json=change, headers=keys[1])
    assert (made.status_code, made.headers["etag"], made.json()["digest"]) == (200, '"2"', seen["digest"]), made.text
    people = (await client.get(f"/api/v1/shift-closures/{schedule.id}/people", headers=boss)).json()
    assert [(one["folio"], one["reply_status"]) for one in people] == [(folio, "ring")], "no message reaches them"
    stranger = await client.get(f"/api/v1/shift-closures/{ids.new_id()}/people", headers=boss)
    assert stranger.status_code == 404
