"""Personal tokens of staff: what their role may read, until anything about their account changes."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.clients.problems import TooManyTokens
from app.clients.rules import ApiScope
from app.clients.service import personal_tokens
from app.identity.service import staff_accounts, staff_setup
from app.identity.tokens import STAFF, issue_access_token
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from app.kernel.actor import Role, Staff
from app.kernel.problems import Invalid, NotFound
from tests.clients.factories import ADMIN, hire
from tests.conftest import Database
from tests.web.browser import Browser, another_tab, signed_in_browser

PAGE = "/ventanilla/permisos"
READS = frozenset({ApiScope.EXPORTS.value})


async def analyst(db: Database) -> Staff:
    return Staff(await hire(db, Role.ANALYST), Role.ANALYST, None)


async def token_of(actor: Staff, *, days: int = 30) -> tuple[UUID, dict[str, str]]:
    async with kernel_db.transaction() as session:
        made = await personal_tokens.create_token(session, actor, "Informe", READS, days)
    return made.row.id, {"Authorization": f"Bearer {made.token}"}


async def reads(client: httpx.AsyncClient, headers: dict[str, str]) -> int:
    return (await client.get("/api/v1/exports", headers=headers)).status_code


async def test_it_reads_what_the_role_may_and_nothing_else(client: httpx.AsyncClient, db: Database) -> None:
    _id, headers = await token_of(await analyst(db))
    assert headers["Authorization"].startswith("Bearer vtp_")
    whole = await client.get("/api/v1/exports", headers=headers)
    assert len(whole.json()) > len((await client.get("/api/v1/exports")).json())
    for path in ("/api/v1/metrics/completion", "/api/v1/baselines", "/api/v1/me", "/api/v1/clients"):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-missing"), path
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT last_used_at FROM personal_token")) is not None
        token = headers["Authorization"].partition(" ")[2]
        stored = await session.scalar(text("SELECT row_to_json(p)::text FROM personal_token p"))
        assert token not in str(stored)


async def test_it_expires(client: httpx.AsyncClient, db: Database) -> None:
    _id, headers = await token_of(await analyst(db), days=1)
    with time_machine.travel(clock.now() + timedelta(hours=23)):
        assert await reads(client, headers) == 200
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert await reads(client, headers) == 401


async def test_whatever_changes_of_the_account_ends_it_for_good(client: httpx.AsyncClient, db: Database) -> None:
    actor = await analyst(db)
    changes = [
        lambda session: staff_accounts.deactivate_staff(session, ADMIN, actor.staff_id, even_last=True),
        lambda session: staff_accounts.change_staff(session, ADMIN, actor.staff_id, role=Role.OFFICER, unit_ids=None),
        lambda session: staff_setup.reset_credentials(
            session, ADMIN, actor.staff_id, key=str(ids.new_id()), password=True
        ),
    ]
    for change in changes:
        _id, headers = await token_of(actor)
        assert await reads(client, headers) == 200
        async with kernel_db.transaction() as session:
            await change(session)  # type: ignore[no-untyped-call]
        assert await reads(client, headers) == 401
        async with kernel_db.transaction() as session:
            await staff_accounts.reactivate_staff(session, ADMIN, actor.staff_id)
            await staff_accounts.change_staff(session, ADMIN, actor.staff_id, role=Role.ANALYST, unit_ids=None)
        assert await reads(client, headers) == 401, "it doesn't come back"


async def test_scopes_and_days_that_are_refused(client: httpx.AsyncClient, db: Database) -> None:
    actor = await analyst(db)
    async with kernel_db.transaction() as session:
        for scopes, days in (
            (frozenset(), 30),
            (frozenset({"desk.tickets"}), 30),
            (frozenset({"all"}), 30),
            (READS, 0),
            (READS, 366),
        ):
            with pytest.raises(Invalid):
                await personal_tokens.create_token(session, actor, "x", scopes, days)
        for _ in range(20):
            await personal_tokens.create_token(session, actor, "x", READS, 1)
        with pytest.raises(TooManyTokens):
            await personal_tokens.create_token(session, actor, "x", READS, 1)


async def test_who_may_revoke_it(client: httpx.AsyncClient, db: Database) -> None:
    owner, other = await analyst(db), await analyst(db)
    boss = Staff(await hire(db, Role.ADMIN), Role.ADMIN, None)
    token_id, headers = await token_of(owner)
    async with kernel_db.transaction() as session:
        with pytest.raises(NotFound):
            await personal_tokens.revoke_token(session, other, token_id)
    assert await reads(client, headers) == 200
    admin = {"Authorization": f"Bearer {issue_access_token(STAFF, boss.staff_id)[0]}"}
    listed = await client.get("/api/v1/personal-tokens", headers=admin)
    assert [one["id"] for one in listed.json()] == [str(token_id)]
    assert (await client.delete(f"/api/v1/personal-tokens/{token_id}", headers=admin)).status_code == 204
    assert await reads(client, headers) == 401
    theirs = {"Authorization": f"Bearer {issue_access_token(STAFF, other.staff_id)[0]}"}
    assert (await client.get("/api/v1/personal-tokens", headers=theirs)).status_code == 403


async def test_the_page(app: FastAPI, client: httpx.AsyncClient, db: Database) -> None:
    page = await signed_in_browser(app, db, staff_id=(await analyst(db)).staff_id)
    await page.get("/ventanilla")
    assert f'href="{PAGE}"' in page.html
    await page.get(PAGE)
    await page.send(PAGE, name="", days="0")
    for words in ("Escriba para qué es", "de 1 a 365"):
        assert words in page.text
    await page.get(PAGE)
    answers = await once_more(page)
    assert answers[0] == answers[1] != ""
    headers = {"Authorization": f"Bearer {answers[0]}"}
    assert await reads(client, headers) == 200
    await page.get(PAGE)
    assert answers[0] not in page.html, "it was shown once"
    other = another_tab(page)
    await other.get(PAGE)
    here = page.html.partition(f'action="{PAGE}/')[2].partition("/")[0]
    for tab in (page, other):
        assert (await tab.send(f"{PAGE}/{here}/revocar")).status_code in (303, 409)
    assert await reads(client, headers) == 401
    async with db.transaction() as session:
        count = await session.scalar(text("SELECT count(*) FROM event WHERE type = 'personal-token.revoked'"))
    assert count == 1
    await page.get(f"/en{PAGE}")
    assert "No longer valid" in page.text
    await page.client.aclose()


async def once_more(page: Browser) -> list[str]:
    """The same form sent twice: one token."""
    form = page.form(PAGE, name="Informe", scopes=["exports.read"], days="30")
    texts = [(await page.client.post(PAGE, data=form)).text for _ in range(2)]
    return ["vtp_" + one.partition("vtp_")[2].partition("<")[0] if "vtp_" in one else "" for one in texts]


async def test_who_has_nothing_to_give_has_no_page(app: FastAPI, db: Database) -> None:
    page = await signed_in_browser(app, db, staff_id=await hire(db, Role.OFFICER))
    assert (await page.get(PAGE)).status_code == 403
    await page.get("/ventanilla")
    assert PAGE not in page.html
    await page.client.aclose()
