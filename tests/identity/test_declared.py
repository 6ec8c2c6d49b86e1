"""People without a social-security number open an account by CURP and postal code: it shows nothing of the registry and
says nothing about it; the desk, the registry's own contact or an officer makes it theirs, with all that was filed."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.identity.models import Account
from app.identity.service.mandates import grant_mandate
from app.kernel import clock
from app.kernel.actor import Role
from app.notifications.composers.numbers import compose as write_number
from app.registry.declared import delete_unverified
from app.registry.models import Person
from app.requests.models import Request
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.factories import (
    CLINIC,
    CURP,
    MINE,
    THIEF,
    ask_for_a_number,
    ask_to_open,
    open_account,
    registered,
    rows,
    slug,
)
from tests.identity.sign_in import NSS, bearer, challenge, keyed, prove, sent
from tests.requests.actors import hire
from tests.web.browser import signed_in_browser


async def at_the_desk(client: httpx.AsyncClient, db: Database, **names: str) -> httpx.Response:
    async with db.transaction() as session:
        unit = await factories.unit(session, name="UMF 9")
    receptionist = await hire(db, client, Role.RECEPTIONIST, unit)
    body = {"curp": CURP, **names}
    return await client.post("/api/v1/staff/desk-codes", json=body, headers=receptionist.keyed())


async def whole(client: httpx.AsyncClient, code: str) -> dict[str, Any]:
    """Sign in with a code of the desk."""
    answer = await prove(client, await challenge(client, CURP), code)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    assert tokens["assurance"] == "full"
    return tokens


async def folios(client: httpx.AsyncClient, tokens: dict[str, Any]) -> list[str]:
    listed = await client.get("/api/v1/requests", headers=bearer(tokens["access_token"]))
    assert listed.status_code == 200, listed.text
    return [one["folio"] for one in listed.json()]


@pytest.mark.parametrize("known", [False, True])
async def test_the_account_is_the_same_whether_or_not_the_registry_knows_the_curp(
    client: httpx.AsyncClient, db: Database, known: bool
) -> None:
    ana = await registered(db, email=CLINIC) if known else None
    tokens = await open_account(client, db)
    headers = bearer(tokens["access_token"])
    me = (await client.get("/api/v1/me", headers=headers)).json()
    assert {name for name, value in me.items() if value is not None} == {"id", "assurance"}
    assert ana is None or me["id"] != str(ana.id)
    assert (await client.get("/api/v1/me/family", headers=headers)).status_code == 403
    request = await ask_for_a_number(client, tokens)
    assert (request["kind"], [one["rule"] for one in request["checks"] if one["outcome"] == "fail"]) == (
        "review",
        ["data_compared"],
    )
    # Nothing went to the clinic's contact, and the registry's person has no account.
    assert await rows(db, "SELECT email, purpose FROM sign_in_code") == [(MINE, "open")]
    assert len(await rows(db, "SELECT person_id FROM account")) == 1


async def test_a_curp_has_one_account_of_this_kind(client: httpx.AsyncClient, db: Database) -> None:
    tokens = await open_account(client, db)
    again = (await ask_to_open(client, THIEF)).json()["challenge_id"]
    assert await rows(db, f"SELECT email, purpose FROM sign_in_code WHERE id = '{again}'") == [(MINE, "sign-in")]
    assert (await client.get("/api/v1/me", headers=bearer(tokens["access_token"]))).status_code == 200
    assert await rows(db, "SELECT count(*) FROM person WHERE declared_at IS NOT NULL") == [(1,)]


async def test_the_database_holds_one_person_and_one_declared_person_a_curp(db: Database) -> None:
    await registered(db)
    async with db.transaction() as session:
        (declared := await factories.person(session, None)).curp = CURP
        declared.nss = None
        declared.declared_at = clock.now()
    for declared_at in (None, clock.now()):
        with pytest.raises(IntegrityError):
            await duplicate(db, declared_at)


async def duplicate(db: Database, declared_at: datetime | None) -> None:
    async with db.transaction() as session:
        (made := await factories.person(session, None)).curp = CURP
        made.nss, made.declared_at = None, declared_at


@pytest.mark.parametrize("known", [True, False])
async def test_a_sign_in_by_curp_reveals_nothing_to_who_only_claims_it(
    client: httpx.AsyncClient, db: Database, known: bool
) -> None:
    ana = await registered(db, email=CLINIC) if known else None
    await open_account(client, db, THIEF)
    asked = await challenge(client, CURP)
    codes = await rows(db, f"SELECT email, id = '{asked}' FROM sign_in_code WHERE used_at IS NULL")
    assert codes == [(CLINIC if known else None, True)]
    if ana is not None:
        clinics = (await prove(client, asked, (await sent(db, asked)).code)).json()
        assert clinics["assurance"] == "full"
        me = (await client.get("/api/v1/me", headers=bearer(clinics["access_token"]))).json()
        assert me["id"] == str(ana.id)


@pytest.mark.parametrize("known", [True, False])
async def test_the_account_is_entered_as_it_was_opened(client: httpx.AsyncClient, db: Database, known: bool) -> None:
    if known:
        await registered(db, email=CLINIC)
    first = await open_account(client, db)
    again = await open_account(client, db)
    ids = [(await client.get("/api/v1/me", headers=bearer(one["access_token"]))).json()["id"] for one in (first, again)]
    assert ids[0] == ids[1]
    assert await rows(db, "SELECT count(*) FROM sign_in_code WHERE email <> 'yo@ejemplo.mx'") == [(0,)]


async def test_name_and_curp_of_two_people_open_nothing(client: httpx.AsyncClient, db: Database) -> None:
    refused = await ask_to_open(client, given_names="Pedro", first_surname="Zzz")
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "given_names")
    assert await rows(db, "SELECT count(*) FROM person") == [(0,)]


async def test_the_desk_makes_a_person_of_the_registry_with_what_was_filed(
    client: httpx.AsyncClient, db: Database
) -> None:
    low = await open_account(client, db)
    request = await ask_for_a_number(client, low)
    missing = await at_the_desk(client, db)
    assert (missing.status_code, slug(missing)) == (404, "person-unknown")
    given = await at_the_desk(client, db, given_names="Ana María", first_surname="Núñez")
    assert given.status_code == 201, given.text
    full = await whole(client, given.json()["code"])
    assert await folios(client, full) == [request["folio"]]
    me = (await client.get("/api/v1/me", headers=bearer(full["access_token"]))).json()
    assert (me["given_names"], me["first_surname"]) == ("Ana María", "Núñez")
    # What needs the full level is theirs now: they see at once that they aren't insured, and have no number yet.
    for service, outcome in (("not-insured", "approved"), ("nss-find", "refused")):
        keyed = bearer(full["access_token"]) | {"Idempotency-Key": f"ask-{service}"}
        asked = await client.post("/api/v1/requests", json={"service": service, "answers": {}}, headers=keyed)
        assert (asked.status_code, asked.json()["outcome"]) == (201, outcome), asked.text
    # The person who opened it with the CURP is signed out.
    assert (await client.get("/api/v1/me", headers=bearer(low["access_token"]))).status_code == 401
    assert await rows(db, "SELECT email, assurance FROM account") == [(None, "full")]


@pytest.mark.parametrize("way", ["desk", "registry"])
async def test_who_was_known_after_all_gets_what_was_filed(client: httpx.AsyncClient, db: Database, way: str) -> None:
    low = await open_account(client, db, THIEF)
    request = await ask_for_a_number(client, low)
    ana = await registered(db, email=CLINIC)  # an import brings them later
    if way == "desk":
        async with db.transaction() as session:
            person = await session.get_one(Person, ana.id)
            person.unit_id = person.room = person.shift = None  # attended nowhere yet: at any desk
        full = await whole(client, (await at_the_desk(client, db)).json()["code"])
    else:
        asked = await challenge(client, CURP)
        full = (await prove(client, asked, (await sent(db, asked)).code)).json()
    assert await folios(client, full) == [request["folio"]]
    async with db.transaction() as session:
        found = await session.scalar(select(Request).where(Request.folio == request["folio"]))
    assert found is not None
    assert (found.person_id, found.applicant_id) == (ana.id, ana.id)
    assert (await client.get("/api/v1/me", headers=bearer(low["access_token"]))).status_code == 401
    former = f"SELECT email, assurance FROM former_contact WHERE person_id = '{ana.id}'"
    assert await rows(db, former) == [(THIEF, "low")]
    assert await rows(db, "SELECT count(*) FROM event WHERE type = 'person.merged'") == [(1,)]
    assert await rows(db, "SELECT count(*) FROM account") == [(1,)]
    # It can be withdrawn like any other of theirs.
    headers = bearer(full["access_token"]) | {"Idempotency-Key": "withdraw-it", "If-Match": "*"}
    removed = await client.post(f"/api/v1/requests/{request['folio']}/withdraw", headers=headers)
    assert removed.status_code == 200, removed.text


async def test_both_asked_for_the_same_and_nothing_is_lost(client: httpx.AsyncClient, db: Database) -> None:
    low = await open_account(client, db)
    theirs = await ask_for_a_number(client, low)
    ana = await registered(db, email=CLINIC, nss=None)
    async with db.transaction() as session:
        found = await session.scalar(select(Request).where(Request.folio == theirs["folio"]))
        assert found is not None
        await session.execute(
            text(
                "INSERT INTO request (person_id, id, folio, service, service_version, status, kind, applicant_id,"
                " acting_as, channel, answers, duplicate_key, created_at, changed_at, submitted_at)"
                " SELECT CAST(:ana AS uuid), gen_random_uuid(), 'R-00000-00000-0', service, service_version, status,"
                " kind, CAST(:ana AS uuid), acting_as, channel, answers, duplicate_key, created_at, changed_at,"
                " submitted_at FROM request WHERE folio = :folio"
            ),
            {"ana": ana.id, "folio": theirs["folio"]},
        )
    asked = await challenge(client, CURP)
    full = (await prove(client, asked, (await sent(db, asked)).code)).json()
    assert set(await folios(client, full)) == {theirs["folio"], "R-00000-00000-0"}


async def test_an_officer_who_compared_the_data_gives_the_number(client: httpx.AsyncClient, db: Database) -> None:
    low = await open_account(client, db, first_surname="Núñez")
    request = await ask_for_a_number(client, low)
    officer = await hire(db, client, Role.OFFICER)
    await officer.claim(request["folio"])
    decided = await officer.decide(request["folio"], "approve", "data-match")
    assert decided.status_code == 200, decided.text
    assert await rows(db, "SELECT length(nss), declared_at FROM person") == [(11, None)]


@pytest.mark.parametrize(("known", "problem"), [(True, "curp-already-registered"), (False, "name-missing")])
async def test_an_officer_cannot_give_a_number_to_another_person_s_curp_or_to_no_name(
    client: httpx.AsyncClient, db: Database, known: bool, problem: str
) -> None:
    low = await open_account(client, db, given_names="Ana" if known else "")
    request = await ask_for_a_number(client, low)
    if known:
        await registered(db, nss=None)
    officer = await hire(db, client, Role.OFFICER)
    await officer.claim(request["folio"])
    refused = await officer.decide(request["folio"], "approve", "data-match")
    assert (refused.status_code, slug(refused)) == (409, problem)
    assert await rows(db, "SELECT count(*) FROM person WHERE nss IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("changes", [{"nss": "12345678911"}, {"postal_code": "99998"}, {"curp": "NUPB900517MDFXXN02"}])
async def test_a_mismatch_is_said_without_saying_which(
    client: httpx.AsyncClient, db: Database, changes: dict[str, str]
) -> None:
    await registered(db)
    refused = await ask_to_open(client, **({"nss": NSS} | changes))
    assert (refused.status_code, slug(refused)) == (422, "first-time-mismatch")
    assert "fields" not in refused.json()
    assert refused.json()["title"] == "Uno de los tres datos no coincide con el registro"
    assert await rows(db, "SELECT count(*) FROM sign_in_code") == [(0,)]
    statuses = [(await ask_to_open(client, **({"nss": NSS} | changes))).status_code for _ in range(20)]
    assert statuses[-1] == 429


async def test_a_number_goes_to_the_clinic_s_contact_only(client: httpx.AsyncClient, db: Database) -> None:
    low = await open_account(client, db, THIEF)
    ana = await registered(db, email=CLINIC)
    for _ in range(3):
        answer = await client.post("/api/v1/me/nss-reminders", headers=keyed(low["access_token"]))
        assert (answer.status_code, answer.content) == (202, b"")
    limited = [await client.post("/api/v1/me/nss-reminders", headers=keyed(low["access_token"])) for _ in range(2)]
    assert limited[-1].status_code == 429
    assert int(limited[-1].headers["retry-after"]) > 600
    (event, *_others) = await rows(db, "SELECT id, person_id FROM event WHERE type = 'nss.reminded'")
    assert event[1] == ana.id
    async with db.transaction() as session:
        (notice,) = await write_number(session, _Seen(ana.id))  # type: ignore[arg-type] # all that it reads
    assert (notice.recipient.address, NSS in (notice.body or "")) == (CLINIC, True)
    async with db.transaction() as session:
        person = await session.get_one(Person, ana.id)
        person.email, person.phone = None, "+525511112222"
        (notice,) = await write_number(session, _Seen(ana.id))  # type: ignore[arg-type]
    assert (notice.recipient.channel, NSS in (notice.body or "")) == ("sms", True)


class _Seen:
    def __init__(self, person_id: object) -> None:
        self.person_id = person_id


async def test_nothing_reveals_whether_there_is_a_number(client: httpx.AsyncClient, db: Database) -> None:
    low = await open_account(client, db)
    answer = await client.post("/api/v1/me/nss-reminders", headers=keyed(low["access_token"]))
    assert (answer.status_code, answer.content) == (202, b"")
    assert await rows(db, "SELECT count(*) FROM event WHERE type = 'nss.reminded'") == [(0,)]


async def test_who_went_no_further_is_forgotten(client: httpx.AsyncClient, db: Database) -> None:
    await ask_to_open(client)
    async with db.transaction() as session:
        await delete_unverified(session, clock.now())
    assert await rows(db, "SELECT count(*) FROM person") == [(0,)]
    await open_account(client, db)
    async with db.transaction() as session:
        await delete_unverified(session, clock.now())
    assert await rows(db, "SELECT count(*) FROM person") == [(1,)]


async def test_a_program_changes_the_contact_with_both_codes(client: httpx.AsyncClient, db: Database) -> None:
    low = await open_account(client, db)
    headers = bearer(low["access_token"])
    two, change = {"email": "a@ejemplo.mx", "phone": "5511112222"}, {"email": "nuevo@ejemplo.mx"}
    both = await client.post("/api/v1/me/contact-changes", json=two, headers=keyed(low["access_token"]))
    assert both.status_code == 422
    begun = await client.post("/api/v1/me/contact-changes", json=change, headers=keyed(low["access_token"]))
    assert begun.status_code == 202, begun.text
    asked = begun.json()
    codes = [(await sent(db, asked[name])).code for name in ("new_challenge_id", "confirm_challenge_id")]
    body = {name: asked[name] for name in ("new_challenge_id", "confirm_challenge_id")} | {"new_code": codes[0]}
    without = await client.put("/api/v1/me/contact", json=body, headers=headers)
    assert (without.status_code, slug(without)) == (422, "proof-missing")
    begun = await client.post("/api/v1/me/contact-changes", json=change, headers=keyed(low["access_token"]))
    asked = begun.json()
    codes = [(await sent(db, asked[name])).code for name in ("new_challenge_id", "confirm_challenge_id")]
    body = {name: asked[name] for name in ("new_challenge_id", "confirm_challenge_id")}
    changed = await client.put(
        "/api/v1/me/contact", json=body | {"new_code": codes[0], "proof": codes[1]}, headers=headers
    )
    assert changed.status_code == 200, changed.text
    assert await rows(db, "SELECT email FROM account") == [("nuevo@ejemplo.mx",)]
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    assert (await client.get("/api/v1/me", headers=bearer(changed.json()["access_token"]))).status_code == 200


async def test_a_consent_to_a_curp_is_not_for_who_says_to_have_it(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        luz = await factories.person(session, None)
        today = clock.today("America/Mexico_City")
        await grant_mandate(
            session, factories.citizen(luz), delegate_curp=CURP, services=["complaint"], starts_on=today, ends_on=today
        )
    await open_account(client, db)
    assert await rows(db, "SELECT delegate_id FROM mandate") == [(None,)]
    assert len(await rows(db, "SELECT 1 FROM account")) == 1
    async with db.transaction() as session:
        assert (await session.scalars(select(Account.assurance))).all() == ["low"]


async def test_staff_see_that_the_registry_has_the_curp_and_the_citizen_does_not(
    app: FastAPI, client: httpx.AsyncClient, db: Database
) -> None:
    tokens = await open_account(client, db)
    folio = (await ask_for_a_number(client, tokens))["folio"]
    officer = await hire(db, client, Role.ADMIN)
    await officer.claim(folio)
    desk, case = await signed_in_browser(app, db, staff_id=officer.staff_id), f"/ventanilla/solicitudes/{folio}"
    await desk.get(case)
    assert ("Esa CURP ya es de una persona del registro" in desk.text, 'name="quick"' in desk.html) == (False, True)
    mine = (await client.get(f"/api/v1/requests/{folio}", headers=bearer(tokens["access_token"]))).json()
    await registered(db)
    await desk.get(case)
    assert ("Esa CURP ya es de una persona del registro" in desk.text, 'name="quick"' in desk.html) == (True, False)
    seen = (await client.get(f"/api/v1/requests/{folio}", headers=officer.headers)).json()
    number = next(one for one in seen["checks"] if one["rule"] == "has_no_nss")
    assert (number["outcome"], "No se sabe si ya tiene número" in number["text"]) == ("unknown", True)
    again = (await client.get(f"/api/v1/requests/{folio}", headers=bearer(tokens["access_token"]))).json()
    assert again == mine, "the citizen is shown the same"


async def test_a_desk_code_that_is_asked_for_again_is_the_same_and_stored_encrypted(
    client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session, name="UMF 9")
        ana = await factories.person(session, unit)
    headers = (await hire(db, client, Role.RECEPTIONIST, unit)).keyed()
    body = {"curp": ana.curp}
    first, again = [await client.post("/api/v1/staff/desk-codes", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    ((stored,),) = await rows(db, "SELECT convert_from(body, 'UTF8') FROM idempotency_key")
    assert first.json()["code"] not in stored
