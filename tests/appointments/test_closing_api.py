"""Schedules, closures and days off over HTTP."""

import httpx
import pytest
from sqlalchemy import text

from app.identity.tokens import STAFF, issue_access_token
from app.kernel import ids
from app.kernel.db import transaction
from tests.appointments import factories
from tests.appointments.week import FRIDAY, at, opened
from tests.conftest import Database

pytestmark = pytest.mark.usefixtures("working_days")


async def test_over_the_api(client: httpx.AsyncClient, db: Database) -> None:
    async with transaction() as session:
        unit, schedule = await opened(session)
        ana = await factories.person(session, unit)
        booked = await factories.booked(session, ana, factories.place(unit, at(FRIDAY, 8)))
        staff_id = ids.new_id()
        await session.execute(
            text(
                "INSERT INTO staff (id, username, full_name, role, all_units, is_active, password_hash,"
                " totp_secret_encrypted, created_at)"
                " VALUES (:id, 'jefa', 'Jefa', 'admin', true, true, '', '', now())"
            ),
            {"id": staff_id},
        )
    token, _seconds = issue_access_token(STAFF, staff_id)
    auth = {"Authorization": f"Bearer {token}"}

    def keyed(**more: str) -> dict[str, str]:
        return auth | {"Idempotency-Key": str(ids.new_id())} | more

    one = await client.get(f"/api/v1/schedules/{schedule.id}", headers=auth)
    assert (one.status_code, one.headers["etag"]) == (200, '"1"'), one.text
    path = f"/api/v1/schedules/{schedule.id}/end"
    assert (await client.post(path, json={"last_day": "2026-10-08"}, headers=keyed())).status_code == 428
    key = keyed(**{"If-Match": '"1"'})
    first = await client.post(path, json={"last_day": "2026-10-08"}, headers=key)
    again = await client.post(path, json={"last_day": "2026-10-08"}, headers=key)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"'), first.text
    assert again.content == first.content
    assert [hit["folio"] for hit in first.json()["affected"]] == [booked.folio]
    stale = await client.patch(
        f"/api/v1/schedules/{schedule.id}", json={"valid_to": None}, headers=auth | {"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    wrong = await client.patch(
        f"/api/v1/schedules/{schedule.id}", json={"ends": "07:00"}, headers=auth | {"If-Match": "*"}
    )
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "ends")
    mine = {name: one.json()[name] for name in one.json() if name not in {"id", "version", "slots_generated"}}
    for hours in ({"starts": "09:00+05:00"}, {"ends": "11:00Z"}, {"starts": "09:00Z", "ends": "11:00Z"}):
        sent = [
            await client.post("/api/v1/schedules", json=mine | hours, headers=keyed()),
            await client.patch(f"/api/v1/schedules/{schedule.id}", json=hours, headers=auth | {"If-Match": "*"}),
        ]
        for answer in sent:
            assert answer.status_code == 422, answer.text
            assert answer.json()["fields"] == [
                {"field": name, "code": "value_error", "message": "La hora va sin zona: es la de la unidad."}
                for name in hours
            ]
    empty = await client.patch(
        f"/api/v1/schedules/{schedule.id}", json={"capacity": None}, headers=auth | {"If-Match": "*"}
    )
    assert (empty.status_code, empty.json()["fields"][0]["field"]) == (422, "capacity")
    same = await client.patch(f"/api/v1/schedules/{schedule.id}", json={}, headers=auth | {"If-Match": '"2"'})
    assert (same.status_code, same.headers["etag"]) == (200, '"2"'), same.text
    back = await client.patch(
        f"/api/v1/schedules/{schedule.id}", json={"valid_to": None}, headers=auth | {"If-Match": '"2"'}
    )
    assert (back.status_code, back.json()["affected"], back.json()["schedule"]["valid_to"]) == (200, [], None), (
        back.text
    )
    off = await client.post("/api/v1/holidays", json={"on_date": "2026-10-09", "name": "Aniversario"}, headers=keyed())
    assert (off.status_code, off.json()["closed_seats"]) == (201, 4), off.text
    assert [day["name"] for day in (await client.get(f"/api/v1/holidays?unit={unit.id}", headers=auth)).json()] == [
        "Aniversario"
    ]
    hit = await client.get(f"/api/v1/affected-appointments?unit={unit.id}", headers=auth)
    assert [(row["folio"], row["reason"]) for row in hit.json()] == [(booked.folio, "holiday")]
    for way in (f"holidays/{off.json()['id']}", f"schedules/{schedule.id}"):
        assert (await client.get(f"/api/v1/{way}/affected", headers=auth)).status_code == 200
    assert (await client.delete(f"/api/v1/holidays/{off.json()['id']}", headers=auth)).status_code == 204
    closing = {"unit_id": str(unit.id), "starts_at": at(FRIDAY, 0).isoformat(), "ends_at": at(FRIDAY, 17).isoformat()}
    shut = await client.post(
        "/api/v1/schedule-exceptions", json=closing | {"reason": "leave", "room": 1}, headers=keyed()
    )
    assert [row["folio"] for row in shut.json()["affected"]] == [booked.folio], shut.text
    none = await client.post(
        "/api/v1/schedule-exceptions", json=closing | {"reason": "leave", "room": 9}, headers=keyed()
    )
    assert (none.status_code, none.json()["type"]) == (422, "/problems/room-unknown")
    rows = (await client.get(f"/api/v1/schedule-exceptions?unit={unit.id}", headers=auth)).json()
    assert [(row["id"], row["reason"]) for row in rows] == [(shut.json()["id"], "leave")]
    assert (await client.get(f"/api/v1/schedule-exceptions/{rows[0]['id']}", headers=auth)).json()["room"] == 1
    assert (await client.delete(f"/api/v1/schedule-exceptions/{rows[0]['id']}", headers=auth)).status_code == 204
