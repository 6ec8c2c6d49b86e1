"""Administrators keep clients: over the API, on the pages and from the command line. Secrets are shown once."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey
from sqlalchemy import text
from sqlalchemy.engine import URL
from typer.testing import CliRunner, Result

from app.cli import cli
from app.identity.tokens import STAFF, issue_access_token
from app.kernel import ids
from app.kernel.actor import Role
from app.kernel.settings import forget_settings
from tests.appointments import factories as places
from tests.clients.factories import GRANT, TOKEN, basic, hire
from tests.conftest import Database, clone, drop
from tests.web.browser import Browser, another_tab, signed_in_browser

PAGE = "/ventanilla/programas"
SECRET = re.compile(r"vts_[A-Za-z0-9_-]+")
BODY: dict[str, Any] = {"name": "Expediente", "contact": "soporte@ejemplo.mx", "scopes": ["metrics.read"]}
KEY = ECKey.generate_key("P-256").as_dict(private=False)
TYPED: dict[str, Any] = {"name": "Tablero", "contact": "55 1234 5678", "scopes": ["exports.read"], "all_units": "yes"}
TYPED |= {"per_minute": "30", "expires_on": "2099-12-31"}


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": str(ids.new_id())}


async def test_the_life_of_a_client_over_the_api(client: httpx.AsyncClient, db: Database) -> None:
    client.headers["Authorization"] = f"Bearer {issue_access_token(STAFF, await hire(db, Role.ADMIN))[0]}"
    made = await client.post("/api/v1/clients", json=BODY, headers=new_key())
    assert made.status_code == 201, made.text
    here = made.headers["location"]
    key = new_key()
    first, again = [await client.post(f"{here}/secrets", headers=key) for _ in range(2)]
    secret = first.json()["secret"]
    assert secret.startswith("vts_")
    assert (again.json()["secret"], again.headers["idempotency-replayed"]) == (None, "true"), "it is shown once"
    assert again.json()["credential"] == first.json()["credential"]
    async with db.transaction() as session:
        stored = "SELECT count(*) FROM idempotency_key WHERE position(CAST(:secret AS bytea) IN body) > 0"
        assert await session.scalar(text(stored), {"secret": secret.encode()}) == 0
    assert (await client.post(f"{here}/keys", json={"jwk": KEY}, headers=new_key())).status_code == 201
    full = await client.post(f"{here}/secrets", headers=new_key())
    assert (full.status_code, full.json()["type"]) == (409, "/problems/too-many-credentials")
    read = await client.get(here)
    changed = BODY | {"scopes": ["metrics.read", "exports.read"]}
    assert (await client.put(here, json=changed)).status_code == 428
    assert (await client.put(here, json=changed, headers={"If-Match": '"99"'})).status_code == 412
    assert (await client.put(here, json=changed, headers={"If-Match": read.headers["etag"]})).status_code == 200
    credentials = (await client.get(f"{here}/credentials")).json()
    assert [one["kind"] for one in credentials] == ["secret", "key"]
    assert (await client.delete(f"{here}/credentials/{credentials[0]['id']}")).status_code == 204
    assert (await client.delete(f"{here}/credentials/{ids.new_id()}")).status_code == 404
    answer = await client.post(TOKEN, data=GRANT, headers=basic(made.json()["id"], secret))
    assert answer.status_code == 401
    assert (await client.post(f"{here}/revoke", headers=new_key())).json()["revoked_at"] is not None
    assert (await client.post(f"{here}/revoke", headers=new_key())).status_code == 200
    refused = await client.post(f"{here}/secrets", headers=new_key())
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/client-is-revoked")
    assert [one["id"] for one in (await client.get("/api/v1/clients")).json()] == [made.json()["id"]]
    async with db.transaction() as session:
        kinds = (await session.scalars(text("SELECT type FROM event WHERE type LIKE 'client.%' ORDER BY id"))).all()
    assert [one.partition(".")[2] for one in kinds] == [
        "added",
        "credential-added",
        "credential-added",
        "changed",
        "credential-revoked",
        "refused",
        "revoked",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["all"]},
        {"scopes": ["appointments.people"]},
        {"scopes": ["exports.read"], "unit_ids": ["0192f0c4-7a51-7b6e-9d3a-3f2d8a6b1c55"]},
        {"unit_ids": []},
        {"per_minute": 0},
        {"per_minute": 301},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"name": " "},
        {"secret": "mine"},
    ],
    ids=str,
)
async def test_what_is_refused(client: httpx.AsyncClient, db: Database, wrong: dict[str, Any]) -> None:
    client.headers["Authorization"] = f"Bearer {issue_access_token(STAFF, await hire(db, Role.ADMIN))[0]}"
    assert (await client.post("/api/v1/clients", json=BODY | wrong, headers=new_key())).status_code == 422


async def test_only_administrators(app: FastAPI, client: httpx.AsyncClient, db: Database) -> None:
    staff_id = await hire(db, Role.ANALYST)
    client.headers["Authorization"] = f"Bearer {issue_access_token(STAFF, staff_id)[0]}"
    here = f"/api/v1/clients/{ids.new_id()}"
    for method, path, sent in [
        ("GET", "/api/v1/clients", None),
        ("POST", "/api/v1/clients", BODY),
        ("GET", here, None),
        ("POST", f"{here}/secrets", None),
        ("POST", f"{here}/keys", {"jwk": KEY}),
        ("POST", f"{here}/revoke", None),
        ("DELETE", f"{here}/credentials/{ids.new_id()}", None),
    ]:
        answer = await client.request(method, path, json=sent, headers=new_key())
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role"), path
    page = await signed_in_browser(app, db, staff_id=staff_id)
    for path in (PAGE, f"{PAGE}/nuevo", f"{PAGE}/{ids.new_id()}"):
        assert (await page.get(path)).status_code == 403
    await page.client.aclose()


async def test_the_pages(app: FastAPI, client: httpx.AsyncClient, db: Database) -> None:
    page = await signed_in_browser(app, db, staff_id=await hire(db, Role.ADMIN))
    await page.get("/ventanilla")
    assert f'href="{PAGE}"' in page.html
    await page.get(PAGE)
    assert "Todavía no hay ninguno" in page.text
    await page.get(f"{PAGE}/nuevo")
    await page.send(f"{PAGE}/nuevo", name="", contact="", units="", per_minute="x", expires_on="mañana")
    for words in ("nombre del sistema", "quien lo atiende", "clave CLUES", "de 1 a 300", "día del calendario"):
        assert words in page.text
    await page.get(f"{PAGE}/nuevo")
    form = page.form(f"{PAGE}/nuevo", **TYPED)
    shown = [SECRET.findall((await page.client.post(f"{PAGE}/nuevo", data=form)).text) for _ in range(2)]
    assert shown[0] == shown[1]
    (secret,) = shown[0]
    async with db.transaction() as session:
        (number,) = (await session.scalars(text("SELECT id FROM api_client"))).all()
    here = f"{PAGE}/{number}"
    assert (await client.post(TOKEN, data=GRANT, headers=basic(number, secret))).status_code == 200
    await page.get(here)
    assert secret not in page.html
    assert "31 de diciembre de 2099" in page.text
    await page.get(f"{here}/cambiar")
    assert 'value="2099-12-31"' in page.html
    answer = await page.send(f"{here}/cambiar", **TYPED | {"name": "Otro"})
    assert answer.status_code == 303
    await page.get(here)
    await page.send(f"{here}/llave", jwk="{}")
    assert "llave pública como JWK" in page.text
    await page.get(here)
    assert (await page.send(f"{here}/llave", jwk=json.dumps(KEY))).status_code == 303
    await page.get(here)
    assert f"{here}/secreto" not in page.html, "two are enough"
    await two_tabs(page, here)
    assert (await client.post(TOKEN, data=GRANT, headers=basic(number, secret))).status_code == 401
    await page.get(here)
    await page.send(f"{here}/secreto")
    assert SECRET.search(page.html)
    await page.get(here)
    await page.send(f"{here}/baja")
    await page.get(f"/en{here}")
    assert "Revoked" in page.text or "revoked" in page.text.lower()
    await page.client.aclose()


async def two_tabs(page: Browser, here: str) -> None:
    """The secret is revoked in one; the other, which shows it still, revokes no more."""
    other = another_tab(page)
    await other.get(here)
    path = re.findall(rf'action="({here}/credenciales/[^"]+)"', page.html)[0]
    assert (await page.send(path)).status_code == 303
    answer = await other.send(path)
    assert answer.status_code in (303, 409)
    await page.get(here)
    assert page.html.count("/credenciales/") == 1


async def test_units_by_their_keys(app: FastAPI, db: Database) -> None:
    async with db.transaction() as session:
        unit = await places.unit(session)
    page = await signed_in_browser(app, db, staff_id=await hire(db, Role.ADMIN))
    await page.get(f"{PAGE}/nuevo")
    typed = TYPED | {"scopes": ["appointments.read"], "all_units": None, "units": unit.clues}
    await page.send(f"{PAGE}/nuevo", **typed | {"scopes": ["exports.read"]})
    assert "de todas las unidades" in page.text
    await page.get(f"{PAGE}/nuevo")
    await page.send(f"{PAGE}/nuevo", **typed | {"units": "DFIMS999999"})
    assert "No hay una unidad" in page.text
    await page.get(f"{PAGE}/nuevo")
    await page.send(f"{PAGE}/nuevo", **typed)
    assert SECRET.search(page.html)
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT unit_ids FROM api_client")) == [unit.id]
    await page.client.aclose()


# --- the command line

runner = CliRunner()


@pytest.fixture
def url(worker_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[URL]:
    found = clone(f"clients_{worker_name}")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", found.render_as_string(hide_password=False))
    forget_settings()
    yield found
    monkeypatch.undo()
    forget_settings()
    drop(found)


def run(*words: str) -> Result:
    return runner.invoke(cli, ["clients", *words])


def test_clients_from_the_command_line(url: URL, tmp_path: Path) -> None:
    assert "no client" in run("list").output
    given = ["--name", "Expediente", "--contact", "soporte@ejemplo.mx", "--scope", "metrics.read"]
    made = run("add", *given)
    assert made.exit_code == 0, made.output
    number, secret = made.output.split()
    assert secret.startswith("vts_")
    file = tmp_path / "key.json"
    file.write_text(json.dumps(KEY))
    assert run("key", number, str(file)).exit_code == 0
    assert run("secret", number).exit_code == 1, "two are enough"
    listed = run("credentials", number).output.splitlines()
    assert len(listed) == 2
    assert run("revoke-credential", number, listed[0].split()[0]).exit_code == 0
    assert run("secret", number).output.strip().startswith("vts_")
    assert "active" in run("list").output
    assert run("revoke", number).exit_code == 0
    assert "revoked" in run("list").output
    assert run("revoke", str(ids.new_id())).exit_code == 1
    file.write_text("no")
    assert run("key", number, str(file)).exit_code == 1
    assert run("add", *given[:-1], "all").exit_code == 1
    assert run("add", *given, "--unit", "DFIMS999999").exit_code == 1
