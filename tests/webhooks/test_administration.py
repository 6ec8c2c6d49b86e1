"""Webhooks over the API and from the command line: who may, what is refused, and secrets shown once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from standardwebhooks import Webhook as Verifier
from typer.testing import CliRunner, Result

from app.cli import cli
from app.identity.tokens import STAFF, issue_access_token
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.kernel.settings import forget_settings
from tests.conftest import Database, clone, drop
from tests.webhooks.factories import happen, hire, work
from tests.webhooks.receiver import Receiver

TYPES = ["appointment.booked", "holiday.added"]


async def headers_of(role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_access_token(STAFF, await hire(role))[0]}"}


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": str(ids.new_id())}


def body(url: str, **changed: Any) -> dict[str, Any]:
    given = {"name": "Expediente clínico", "contact": "soporte@ejemplo.mx", "url": url, "types": TYPES}
    return given | changed


async def test_the_life_of_a_webhook(client: httpx.AsyncClient, db: Database, receiver: Receiver) -> None:
    client.headers.update(await headers_of(Role.ADMIN))
    made = await client.post("/api/v1/webhooks", json=body(receiver.url), headers=new_key())
    assert made.status_code == 201, made.text
    here = f"/api/v1/webhooks/{made.json()['webhook']['id']}"
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    await happen()
    await work()
    Verifier(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)
    read = await client.get(here)
    assert "secret" not in read.json()
    assert read.json()["delivered_at"] is not None
    attempts = await client.get(f"{here}/attempts")
    assert [(one["type"], one["status"]) for one in attempts.json()] == [("holiday.added", 204)]
    changed = body(receiver.url, types=["appointment.booked"])
    assert (await client.put(here, json=changed)).status_code == 428
    assert (await client.put(here, json=changed, headers={"If-Match": '"9"'})).status_code == 412
    assert (await client.put(here, json=changed, headers={"If-Match": read.headers["ETag"]})).status_code == 200
    assert (await client.post(f"{here}/secret", headers=new_key())).status_code == 428
    old = new_key() | {"If-Match": read.headers["ETag"]}
    assert (await client.post(f"{here}/secret", headers=old)).status_code == 412
    rotated = await client.post(f"{here}/secret", headers=new_key() | {"If-Match": "*"})
    assert rotated.json()["secret"] not in ("", secret)
    tested = await client.post(f"{here}/test", headers=new_key())
    assert tested.status_code == 202
    await work()
    assert receiver.ids[-1] == tested.json()["event_id"]
    since, until = clock.now() - timedelta(hours=1), clock.now() + timedelta(seconds=1)
    again = {"since": since.isoformat(), "until": until.isoformat()}
    replayed = await client.post(f"{here}/replay", json=again, headers=new_key())
    assert replayed.json() == {"count": 0}, "of the types it has now"
    backwards = {"since": until.isoformat(), "until": since.isoformat()}
    assert (await client.post(f"{here}/replay", json=backwards, headers=new_key())).status_code == 422
    early = {"since": "1900-01-01T00:00:00Z", "until": "1900-01-02T00:00:00Z"}
    assert (await client.post(f"{here}/replay", json=early, headers=new_key())).json() == {"count": 0}
    assert (await client.post(f"{here}/disable", headers=new_key())).json()["disabled_because"] == "staff"
    for action in ("test", "retry"):
        refused = await client.post(f"{here}/{action}", headers=new_key())
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-disabled")
    assert (await client.post(f"{here}/enable", headers=new_key())).json()["disabled_at"] is None
    async with db.transaction() as session:
        kinds = (await session.scalars(text("SELECT type FROM event WHERE type LIKE 'webhook.%' ORDER BY id"))).all()
    assert [one.partition(".")[2] for one in kinds] == [
        "created",
        "changed",
        "secret-rotated",
        "tested",
        "disabled",
        "enabled",
    ]


async def test_a_secret_is_stored_nowhere_as_it_is(client: httpx.AsyncClient, db: Database, receiver: Receiver) -> None:
    """Nor in the response that is stored for a repetition of the request, which gives it again."""
    client.headers.update(await headers_of(Role.ADMIN))
    key = new_key()
    first, again = [await client.post("/api/v1/webhooks", json=body(receiver.url), headers=key) for _ in range(2)]
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    here = f"/api/v1/webhooks/{first.json()['webhook']['id']}"
    await client.post(f"{here}/secret", headers=new_key() | {"If-Match": first.headers["ETag"]})
    later = await client.post("/api/v1/webhooks", json=body(receiver.url), headers=key)
    assert later.json()["secret"] is None, "it isn't the newest any more"
    stored = (
        "SELECT count(*) FROM idempotency_key k, webhook w WHERE position(CAST(:secret AS bytea) IN k.body) > 0"
        " OR w.secret = CAST(:secret AS bytea) OR w.previous_secret = CAST(:secret AS bytea)"
    )
    async with db.transaction() as session:
        assert await session.scalar(text(stored), {"secret": first.json()["secret"].encode()}) == 0


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("url", "http://127.0.0.1:9/hooks#part"),
        ("url", "https://ana:secret@ejemplo.mx/hooks"),
        ("url", "https://169.254.169.254/latest"),
        ("url", "https://10.0.0.1/hooks"),
        ("url", "gopher://ejemplo.mx/"),
        ("contact", "soporte"),
        ("contact", "soporte@ejemplo.mx, otro@ejemplo.mx"),
        ("types", ["person.changed"]),
        ("types", ["no.such"]),
    ],
)
async def test_what_is_refused(
    client: httpx.AsyncClient, db: Database, receiver: Receiver, field: str, wrong: Any
) -> None:
    client.headers.update(await headers_of(Role.ADMIN))
    answer = await client.post("/api/v1/webhooks", json=body(receiver.url) | {field: wrong}, headers=new_key())
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUPERVISOR])
async def test_only_administrators(client: httpx.AsyncClient, db: Database, role: Role) -> None:
    client.headers.update(await headers_of(role))
    some = ids.new_id()
    calls = [
        ("GET", "/api/v1/webhooks", None),
        ("POST", "/api/v1/webhooks", body("https://ejemplo.mx/")),
        ("GET", f"/api/v1/webhooks/{some}", None),
        ("POST", f"/api/v1/webhooks/{some}/secret", None),
        ("POST", f"/api/v1/webhooks/{some}/disable", None),
        ("GET", f"/api/v1/webhooks/{some}/attempts", None),
    ]
    for method, path, sent in calls:
        answer = await client.request(method, path, json=sent, headers=new_key())
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role"), path


# --- the command line

runner = CliRunner()


@pytest.fixture
def url(worker_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[URL]:
    found = clone(f"hooks_{worker_name}")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", found.render_as_string(hide_password=False))
    forget_settings()
    yield found
    monkeypatch.undo()
    forget_settings()
    drop(found)


def run(*words: str) -> Result:
    return runner.invoke(cli, ["webhooks", *words])


def test_webhooks_from_the_command_line(url: URL) -> None:
    given = ["--name", "Expediente", "--contact", "soporte@ejemplo.mx", "--url", "https://ejemplo.mx/hooks"]
    made = run("create", *given, "--type", "appointment.booked")
    assert made.exit_code == 0, made.output
    number, secret = made.output.split()
    assert secret.startswith("whsec_")
    assert "enabled" in run("list").output
    assert "appointment.booked" in run("types").output
    assert run("change", number, "--type", "holiday.added", "--name", "Otro").exit_code == 0
    assert "Otro" in run("list").output
    assert run("rotate", number).output.strip() not in ("", secret)
    assert UUID(run("test", number).output.strip())
    moments = ["--since", "2026-11-29T08:00", "--until", "2026-11-30"]
    assert "0 will be sent again" in run("replay", number, *moments).output
    assert "0 will be sent again" in run("retry", number).output
    assert "Nothing was sent" in run("log", number).output
    assert run("disable", number).exit_code == 0
    assert "staff" in run("list").output
    refused = run("test", number)
    assert refused.exit_code == 1
    assert run("enable", number).exit_code == 0
    assert run("log", str(ids.new_id())).exit_code == 1
    wrong = run("create", *given[:-1], "http://ejemplo.mx", "--type", "no.such")
    assert wrong.exit_code == 1
    assert "url" in wrong.output
    assert "types" in wrong.output
