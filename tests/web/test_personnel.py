"""Administrators add, change, deactivate and reset staff accounts; each change acts at once and is an event."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.problems import LastAdministrator, WrongRole
from app.identity.service.refresh import start_family
from app.identity.service.staff_accounts import deactivate_staff
from app.identity.service.staff_setup import reset_credentials
from app.kernel import clock
from app.kernel.actor import Role, Staff, System
from tests.appointments import factories as places
from tests.conftest import Database
from tests.identity.sign_in import bearer
from tests.waiting import until_a_session_waits
from tests.web.browser import Browser, forms_of, signed_in_browser, twice
from tests.web.personnel import PASSWORD, hire

PAGE = "/ventanilla/personal"


@dataclass
class Office:
    """An administrator at their page, and a unit."""

    db: Database
    app: FastAPI
    admin: UUID
    page: Browser
    unit_id: UUID
    clues: str

    async def hire(self, username: str, role: Role = Role.OFFICER, *, everywhere: bool = True) -> UUID:
        return await hire(self.db, username, role, None if everywhere else [self.unit_id])

    async def value(self, question: str, **values: Any) -> Any:
        async with self.db.transaction() as session:
            return await session.scalar(text(question), values)

    async def events(self, kind: str) -> int:
        return int(await self.value("SELECT count(*) FROM event WHERE type = :kind", kind=kind))

    async def member(self, staff_id: UUID, action: str = "", **fields: str) -> httpx.Response:
        """A form of someone's page, as it was shown; or one that isn't offered, with the fields of another."""
        await self.page.get(f"{PAGE}/{staff_id}")
        here = f"{PAGE}/{staff_id}/"
        offered = [path for form in forms_of(self.page.html) for path in form.actions if path.startswith(here)]
        path = here + action
        return await self.page.send(path, via=path if path in offered else offered[0], **fields)


@pytest.fixture
async def mailbox(app: FastAPI, db: Database) -> AsyncIterator[Office]:
    async with db.transaction() as session:
        unit = await places.unit(session)
    admin = await hire(db, "jefa", Role.ADMIN)
    page = await signed_in_browser(app, db, staff_id=admin)
    yield Office(db, app, admin, page, unit.id, unit.clues)
    await page.client.aclose()


def link_in(answer: httpx.Response) -> str:
    found = re.search(r"/ventanilla/alta/[0-9a-f]+", answer.text)
    assert found, answer.text
    return found.group(0)


def secret_in(answer: httpx.Response) -> str:
    found = re.search(r"secret=([A-Z2-7]+)", answer.text)
    assert found
    return found.group(1)


def visitor(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000")


async def test_added_with_a_link_they_set_their_own_password_and_authenticator(mailbox: Office) -> None:
    await mailbox.page.get(f"{PAGE}/nuevo")
    typed = {
        "username": "maria",
        "full_name": "María Ruiz",
        "role": "receptionist",
        "units": f"{mailbox.clues.lower()}, {mailbox.clues}",
    }
    first, again = await twice(mailbox.page, f"{PAGE}/nuevo", mailbox.page.form(f"{PAGE}/nuevo", **typed))
    assert first.status_code == again.status_code == 200
    assert link_in(first) == link_in(again)
    assert await mailbox.events("staff.added") == 2  # the administrator, and Maria once
    async with visitor(mailbox.app) as maria:
        shown = await maria.get(link_in(first))
        secret = secret_in(shown)
        assert (await maria.get(link_in(first))).text == shown.text  # reading uses nothing up
        form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(clock.now())}
        weak = await maria.post(link_in(first), data=form | {"password": "María Ruiz 12", "again": "María Ruiz 12"})
        assert weak.status_code == 422
        assert "fácil de adivinar" in weak.text
        assert (await maria.post(link_in(first), data=form | {"again": "otra"})).status_code == 422
        assert (await maria.post(link_in(first), data=form | {"code": "000000"})).status_code == 422
        posts = await asyncio.gather(*[maria.post(link_in(first), data=form) for _ in range(2)])
        assert [answer.status_code for answer in posts] == [200, 200]
        assert await mailbox.events("staff.credentials-set") == 1
        signed_in = await maria.post(
            "/api/v1/staff/sign-in", json={"username": "maria", "password": PASSWORD, "code": form["code"]}
        )
        assert signed_in.status_code == 200
        assert (await maria.get(link_in(first))).status_code == 410


async def test_deactivated_they_are_out_at_once_and_their_work_is_free(mailbox: Office) -> None:
    pedro = await mailbox.hire("pedro")
    async with mailbox.db.transaction() as session:
        tokens = await start_family(session, staff_id=pedro)
    desk = await signed_in_browser(mailbox.app, mailbox.db, staff_id=pedro)
    assert (await desk.get("/ventanilla/cola")).status_code == 200
    async with mailbox.db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO work_item (unit_id, request_id, person_id, folio, service, role, rank_on, due_on,"
                " submitted_at, language, holder_id, lease_until) SELECT :unit, gen_random_uuid(), gen_random_uuid(),"
                " 'R-' || n, 'weeks', 'officer', now(), now(), now(), 'es', :pedro, until"
                " FROM (VALUES (1, now() + interval '1 hour'), (2, NULL)) AS t (n, until)"
            ),
            {"pedro": pedro, "unit": mailbox.unit_id},
        )
    answer = await mailbox.member(pedro, "desactivar")
    assert answer.status_code == 303
    assert (await desk.get("/ventanilla/cola")).status_code == 401
    headers = bearer(tokens.access_token)
    assert (await mailbox.page.client.post("/api/v1/sign-out", headers=headers)).status_code == 401
    renewed = await mailbox.page.client.post("/api/v1/sign-in/refresh", json={"refresh_token": tokens.refresh_token})
    assert renewed.status_code == 401
    assert await mailbox.value("SELECT count(*) FROM work_item WHERE holder_id IS NOT NULL") == 0
    assert await mailbox.events("work.released") == 2
    assert await mailbox.events("staff.deactivated") == 1
    # Sent again, it is done; and back again.
    assert (await mailbox.member(pedro, "desactivar")).status_code == 303
    assert await mailbox.events("staff.deactivated") == 1
    assert (await mailbox.member(pedro, "reactivar")).status_code == 303
    assert await mailbox.value("SELECT is_active FROM staff WHERE id = :id", id=pedro)
    assert (await desk.get("/ventanilla/cola")).status_code == 401  # the old session stays ended
    assert await mailbox.events("staff.reactivated") == 1


async def test_another_role_and_other_units_count_from_the_next_click(mailbox: Office) -> None:
    pedro = await mailbox.hire("pedro")
    desk = await signed_in_browser(mailbox.app, mailbox.db, staff_id=pedro)
    assert (await desk.get("/ventanilla/cola")).status_code == 200
    refused = await mailbox.member(pedro, "puesto", role="receptionist", units="NOPE000001")
    assert refused.status_code == 422
    assert "NOPE000001" in refused.text
    assert (await mailbox.member(pedro, "puesto", role="receptionist", units=mailbox.clues)).status_code == 303
    assert (await desk.get("/ventanilla/cola")).status_code == 403
    assert await mailbox.events("staff.changed") == 1
    shown = await mailbox.page.get(f"{PAGE}/{pedro}")
    assert mailbox.clues in shown.text


async def test_a_form_of_an_older_version_changes_nothing_and_shows_how_it_is(mailbox: Office) -> None:
    pedro = await mailbox.hire("pedro")
    await mailbox.page.get(f"{PAGE}/{pedro}")
    old = {action: mailbox.page.form(f"{PAGE}/{pedro}/{action}") for action in ("puesto", "desactivar", "restablecer")}
    assert (await mailbox.member(pedro, "puesto", role="analyst", all_units="yes")).status_code == 303
    for action, fields in (
        ("puesto", {"role": "supervisor", "all_units": "yes"}),
        ("desactivar", {}),
        ("restablecer", {"what": "both"}),
    ):
        sent = old[action] | fields | {"idempotency_key": f"{action:x<22}"}
        stale = await mailbox.page.client.post(f"{PAGE}/{pedro}/{action}", data=sent)
        assert stale.status_code == 409, action
        assert "Esto cambió mientras tenía abierta la página" in stale.text
    assert await mailbox.value("SELECT role FROM staff WHERE id = :id AND is_active", id=pedro) == "analyst"
    bad = await mailbox.member(pedro, "desactivar", version="²")
    assert bad.status_code == 412


async def test_no_one_changes_their_own_account_and_one_administrator_stays(mailbox: Office) -> None:
    assert (await mailbox.member(mailbox.admin, "desactivar")).status_code == 409
    own = await mailbox.member(mailbox.admin, "puesto", role="officer", all_units="yes")
    assert own.status_code == 409
    assert "Su propia cuenta" in own.text
    # Of two who deactivate each other at once, one stays.
    luis = await mailbox.hire("luis", Role.ADMIN)
    other = await signed_in_browser(mailbox.app, mailbox.db, staff_id=luis)
    await other.get(f"{PAGE}/{mailbox.admin}")
    await mailbox.page.get(f"{PAGE}/{luis}")
    answers = await asyncio.gather(
        mailbox.page.send(f"{PAGE}/{luis}/desactivar"),
        other.send(f"{PAGE}/{mailbox.admin}/desactivar"),
    )
    done, refused = sorted(answer.status_code for answer in answers)
    assert done == 303
    assert refused in {401, 403, 409}  # by then their session, or their being an administrator, may have ended
    assert await mailbox.value("SELECT count(*) FROM staff WHERE role = 'admin' AND is_active") == 1


async def test_two_administrators_at_the_same_moment_do_not_remove_each_other(mailbox: Office) -> None:
    luis = await mailbox.hire("luis", Role.ADMIN)
    await mailbox.hire("third", Role.ADMIN)  # who stays in any case

    async def second() -> None:
        async with mailbox.db.transaction() as session:
            await deactivate_staff(session, Staff(luis, Role.ADMIN, None), mailbox.admin)

    async with mailbox.db.transaction() as session:
        await deactivate_staff(session, Staff(mailbox.admin, Role.ADMIN, None), luis)
        waiting = asyncio.create_task(second())
        await until_a_session_waits(mailbox.db)
    with pytest.raises(WrongRole):
        await waiting
    assert await mailbox.value("SELECT is_active FROM staff WHERE id = :id", id=mailbox.admin)


@pytest.mark.parametrize("missing", ["password_hash", "totp_secret_encrypted"])
async def test_an_administrator_who_cannot_sign_in_yet_is_not_one_who_stays(mailbox: Office, missing: str) -> None:
    luis = await mailbox.hire("luis", Role.ADMIN)
    async with mailbox.db.transaction() as session:
        await session.execute(text(f"UPDATE staff SET {missing} = NULL WHERE id = :id"), {"id": luis})
    with pytest.raises(LastAdministrator):
        async with mailbox.db.transaction() as session:
            await deactivate_staff(session, System("test"), mailbox.admin)


@pytest.mark.parametrize(("what", "sets"), [("password", (True, False)), ("authenticator", (False, True))])
async def test_a_reset_ends_the_earlier_one_and_every_session(
    mailbox: Office, what: str, sets: tuple[bool, bool]
) -> None:
    pedro = await mailbox.hire("pedro")
    desk = await signed_in_browser(mailbox.app, mailbox.db, staff_id=pedro)
    first = await mailbox.member(pedro, "restablecer", what=what)
    assert first.status_code == 200
    assert (await desk.get("/ventanilla/cola")).status_code == 401
    there = "SELECT (password_hash IS NULL, totp_secret_encrypted IS NULL)::text FROM staff WHERE id = :id"
    assert await mailbox.value(there, id=pedro) == f"({'t' if sets[0] else 'f'},{'t' if sets[1] else 'f'})"
    async with visitor(mailbox.app) as them:
        page = await them.get(link_in(first))
        assert ('name="password"' in page.text, "otpauth:" in page.text) == sets
        # The other one is reset too before the link was used: the new link sets both, the old one is worth nothing.
        rest = "authenticator" if what == "password" else "password"
        second = await mailbox.member(pedro, "restablecer", what=rest)
        assert (await them.get(link_in(first))).status_code == 410
        page = await them.get(link_in(second))
        assert 'name="password"' in page.text
        form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret_in(page)).at(clock.now())}
        assert (await them.post(link_in(second), data=form)).status_code == 200
        body = {"username": "pedro", "password": PASSWORD, "code": form["code"]}
        assert (await them.post("/api/v1/staff/sign-in", json=body)).status_code == 200


async def test_only_administrators_and_only_with_what_is_there(mailbox: Office) -> None:
    boss = await mailbox.hire("supervisora", Role.SUPERVISOR)
    page = await signed_in_browser(mailbox.app, mailbox.db, staff_id=boss)
    for path in (PAGE, f"{PAGE}/nuevo", f"{PAGE}/{mailbox.admin}"):
        assert (await page.get(path)).status_code == 403
    await page.get("/ventanilla")
    for path in ("nuevo", "buscar", *(f"{boss}/{action}" for action in ("puesto", "desactivar", "restablecer"))):
        assert (await page.send(f"{PAGE}/{path}", username="x")).status_code == 403
    unknown = UUID(int=7)
    assert (await mailbox.page.get(f"{PAGE}/{unknown}")).status_code == 404
    assert (await mailbox.page.get("/ventanilla/alta/no-such-link")).status_code == 410


async def test_the_list_is_searched_and_comes_a_page_at_a_time(mailbox: Office) -> None:
    await mailbox.hire("pedro")
    async with mailbox.db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO staff (id, username, full_name, role, all_units, is_active, created_at) SELECT"
                " gen_random_uuid(), 'u' || lpad(n::text, 3, '0'), 'Persona', 'officer', true, true, now()"
                " FROM generate_series(1, 60) n"
            )
        )
    first = await mailbox.page.get(PAGE)
    assert "u001" in first.text
    more = re.search(r"\?despues=[0-9a-f-]+", first.text)
    assert more
    second = await mailbox.page.get(f"{PAGE}{more.group(0)}")
    assert "u060" in second.text
    assert "u001" not in second.text
    sent = await mailbox.page.send(f"{PAGE}/buscar", q="PEDRO prueba")
    assert "pedro" not in sent.headers["location"].lower()
    found = await mailbox.page.get(sent.headers["location"])
    assert "Pedro Prueba" in found.text
    assert "u001" not in found.text
    no_one = await mailbox.page.send(f"{PAGE}/buscar", q="%_ zzz")
    assert "No hay nadie" in (await mailbox.page.get(no_one.headers["location"])).text


async def test_everything_that_is_wrong_with_a_link_is_said_at_once(mailbox: Office) -> None:
    staff_id = await mailbox.hire("nueva")
    async with mailbox.db.transaction() as session:
        link = await reset_credentials(
            session, System("test"), staff_id, password=True, authenticator=True, key="k" * 16
        )
    newcomer = await signed_in_browser(mailbox.app, mailbox.db)
    path = f"/ventanilla/alta/{link.token}"
    await newcomer.get(path)
    refused = await newcomer.send(path, password="corta", again="otra", code="000000")
    assert refused.status_code == 422
    for sentence in (
        "entre 12 y 200 caracteres",
        "Las dos contraseñas no son iguales",
        "Ese no es el código de este momento",
    ):
        assert sentence in newcomer.text, sentence
    assert newcomer.html.count("govuk-error-message") == 3
