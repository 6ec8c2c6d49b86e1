"""Who holds a payslip has CURP, number and postal code: what they reach with them, and what the owner does about it."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.models import Account
from app.identity.rules import Contact, Purpose, choose_delivery, is_superseded, may_freeze
from app.identity.service.accounts import close_account
from app.identity.service.mandates import grant_mandate
from app.kernel import clock, ids
from app.kernel.actor import Assurance
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.factories import slug
from tests.identity.sign_in import bearer, challenge, come_in, create_person, prove, sent
from tests.identity.takeover import THIEF, come_in_low, desk_code, first_time, me, one, register


async def test_the_data_of_a_payslip_open_an_account_that_shows_nothing(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db, has_account=False)
    tokens = await come_in_low(client, db, ana)
    headers = bearer(tokens["access_token"])
    shown = (await client.get("/api/v1/me", headers=headers)).json()
    known = {"id", "unit_id", "room", "shift", "assurance"}
    assert {name for name, value in shown.items() if value is not None} <= known
    assert ana.given_names not in str(shown)
    for path in ("/api/v1/me/family", "/api/v1/mandates"):
        refused = await client.get(path, headers=headers)
        assert (refused.status_code, slug(refused)) == (403, "assurance-required"), path
        assert refused.json()["required"] == "full"
        assert "recepción" in refused.json()["next_step"]
    # Of documents there is at most the refusal of one's own request: see tests/certificates/test_low_level.py.
    removed = await client.get("/api/v1/requests/R-00000-00000-0/certificate", headers=headers)
    assert (removed.status_code, slug(removed)) == (404, "not-found")
    for service, status in (("weeks", 403), ("nss-find", 403), ("complaint", 201)):
        body = {"service": service, "answers": {}}
        keyed = headers | {"Idempotency-Key": f"begin-{service}"}
        begun = await client.post("/api/v1/requests", json=body, headers=keyed)
        assert begun.status_code == status, begun.text
    assert (await client.get("/api/v1/requests", headers=headers)).json()[0]["service"] == "complaint"


@pytest.mark.parametrize("level", ["low", "full"])
async def test_the_first_time_neither_replaces_the_contact_of_an_account_nor_signs_into_it(
    client: httpx.AsyncClient, db: Database, level: str
) -> None:
    ana = await create_person(db)
    async with db.transaction() as session:
        (await session.get_one(Account, ana.id)).assurance = level
    asked = await first_time(client, ana)
    assert await one(db, "SELECT purpose, email FROM sign_in_code") == ("sign-in", "ana@ejemplo.mx")
    # Who reads the mail of the contact on file signs in as ever; the new address is nowhere.
    assert (await prove(client, asked, (await sent(db, asked)).code)).json()["assurance"] == level
    assert await one(db, "SELECT email, assurance FROM account") == ("ana@ejemplo.mx", level)
    assert await one(db, "SELECT count(*) FROM sign_in_code WHERE email = 'ladron@ejemplo.mx'") == (0,)


async def test_an_account_of_the_desk_alone_gets_no_contact_by_the_first_time(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db, email=None)
    asked = await first_time(client, ana)
    assert await one(db, "SELECT person_id, email FROM sign_in_code") == (None, None)
    assert slug(await prove(client, asked, (await sent(db, asked)).code)) == "wrong-code"


async def test_with_a_contact_in_the_registry_the_code_goes_there(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    await register(db, ana, email="registro@ejemplo.mx")
    asked = await first_time(client, ana)
    assert await one(db, "SELECT purpose, email FROM sign_in_code") == ("registry", "registro@ejemplo.mx")
    assert (await prove(client, asked, (await sent(db, asked)).code)).json()["assurance"] == "full"
    assert await one(db, "SELECT email, assurance FROM account") == ("registro@ejemplo.mx", "full")


async def test_a_code_to_a_new_contact_is_worth_nothing_once_there_is_an_account(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db, has_account=False)
    asked = await first_time(client, ana)
    own = await challenge(client, ana.curp)
    assert (await prove(client, own, await desk_code(db, ana))).status_code == 200
    assert slug(await prove(client, asked, (await sent(db, asked)).code)) == "wrong-code"
    assert await one(db, "SELECT email, assurance FROM account") == (None, "full")


async def test_two_first_times_at_once_make_one_account(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    asked = [await first_time(client, ana, f"{n}@ejemplo.mx") for n in range(4)]
    codes = [(await sent(db, one_asked)).code for one_asked in asked]
    answers = await asyncio.gather(*[prove(client, a, code) for a, code in zip(asked, codes, strict=True)])
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    assert await one(db, "SELECT count(*) FROM account") == (1,)


async def test_the_owner_s_contact_in_the_registry_wins_and_removes_the_thief(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db, has_account=False)
    thief = await come_in_low(client, db, ana)
    await register(db, ana, email="registro@ejemplo.mx")
    assert await me(client, thief) == 200
    own = await come_in(client, db, ana.curp)
    assert await me(client, own) == 200
    assert await me(client, thief) == 401
    again = await client.post("/api/v1/sign-in/refresh", json={"refresh_token": thief["refresh_token"]})
    assert again.status_code == 401
    assert await one(db, "SELECT email, assurance FROM account") == ("registro@ejemplo.mx", "full")
    assert await one(db, "SELECT email, assurance FROM former_contact") == (THIEF, "low")
    assert await one(db, "SELECT payload ->> 'how' FROM event WHERE type = 'account.contact-changed'") == ("code",)
    # And the thief's own way in is gone: codes go to the registry's contact.
    asked = await first_time(client, ana)
    contact = await one(db, f"SELECT email FROM sign_in_code WHERE id = '{asked}'")
    assert contact == ("registro@ejemplo.mx",)


async def test_the_owner_s_desk_code_wins_and_removes_the_thief(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    thief = await come_in_low(client, db, ana)
    code = await desk_code(db, ana)
    assert await me(client, thief) == 200  # a code that is given ends nothing: it is proved first
    own = await challenge(client, ana.curp)
    proved = await prove(client, own, code)
    assert proved.json()["assurance"] == "full"
    assert await me(client, thief) == 401
    assert await one(db, "SELECT email, assurance FROM account") == (None, "full")
    assert slug(await prove(client, await first_time(client, ana), code)) == "wrong-code"


async def test_who_never_had_a_number_leaves_it_out(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    async with db.transaction() as session:
        (await session.get_one(Person, ana.id)).nss = None
    asked = await first_time(client, ana, nss=None)
    tokens = (await prove(client, asked, (await sent(db, asked)).code)).json()
    assert tokens["assurance"] == "low"
    headers = bearer(tokens["access_token"]) | {"Idempotency-Key": "ask-for-a-number"}
    begun = await client.post("/api/v1/requests", json={"service": "nss-assign", "answers": {}}, headers=headers)
    assert begun.status_code == 201, begun.text


async def test_a_token_keeps_its_level_when_refreshed(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    tokens = await come_in_low(client, db, ana)
    more = await client.post("/api/v1/sign-in/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert more.json()["assurance"] == "low"
    refused = await client.get("/api/v1/me/family", headers=bearer(more.json()["access_token"]))
    assert slug(refused) == "assurance-required"


async def test_closing_the_account_ends_access_tokens_and_consents_at_once(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db)
    tokens = await come_in(client, db, ana.curp)
    async with db.transaction() as session:
        luz = await factories.person(session, None)
        luz.curp = "GOAL661013MTCNGZ06"
        session.add(Account(person_id=luz.id, curp=luz.curp, created_at=clock.now(), assurance="full"))
        today = clock.today("America/Mexico_City")
        both: dict[str, Any] = {"services": ["weeks"], "starts_on": today, "ends_on": today}
        await grant_mandate(session, factories.citizen(ana), delegate_curp=luz.curp, **both)
        await grant_mandate(session, factories.citizen(luz), delegate_curp=ana.curp, **both)
        await grant_mandate(session, factories.citizen(luz), delegate_curp="NUPB900517MDFXXN02", **both)
    assert await me(client, tokens) == 200
    async with db.transaction() as session:
        await close_account(session, factories.citizen(ana))
    assert await me(client, tokens) == 401
    assert await one(db, "SELECT count(*) FROM mandate WHERE revoked_at IS NULL") == (1,)
    assert await one(db, "SELECT count(*) FROM event WHERE type = 'mandate.revoked'") == (2,)
    # Who signs in afterwards is someone who just proved it: their new token works.
    await register(db, ana, email="registro@ejemplo.mx")
    assert await me(client, await come_in(client, db, ana.curp)) == 200


async def test_a_consent_reveals_nothing_about_who_has_an_account(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    headers = bearer((await come_in(client, db, ana.curp))["access_token"])
    async with db.transaction() as session:
        luz = await factories.person(session, None)
        luz.curp = "GOAL661013MTCNGZ06"
        session.add(Account(person_id=luz.id, curp=luz.curp, created_at=clock.now(), assurance="full"))
    shapes = []

    def new_key() -> dict[str, str]:
        return {"Idempotency-Key": str(ids.new_id())}

    for curp in (luz.curp, "NUPB900517MDFXXN02"):
        today = clock.today("America/Mexico_City").isoformat()
        body = {"delegate_curp": curp, "services": ["complaint"], "ends_on": today}
        given = await client.post("/api/v1/mandates", json=body, headers=headers | new_key())
        said = {name: value for name, value in given.json().items() if name not in {"id", "delegate_curp"}}
        shapes.append((given.status_code, said, sorted(given.json())))
    assert shapes[0] == shapes[1]
    assert shapes[0][0] == 201
    body["delegate_curp"] = ana.curp
    assert slug(await client.post("/api/v1/mandates", json=body, headers=headers | new_key())) == "own-curp"


async def test_a_consent_holds_from_when_the_person_has_an_account(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    async with db.transaction() as session:
        luz = await factories.person(session, None)
        today = clock.today("America/Mexico_City")
        given: dict[str, Any] = {"services": ["complaint"], "starts_on": today, "ends_on": today}
        await grant_mandate(session, factories.citizen(luz), delegate_curp=ana.curp, **given)
    assert await one(db, "SELECT delegate_id FROM mandate") == (None,)
    own = await challenge(client, ana.curp)
    tokens = (await prove(client, own, await desk_code(db, ana))).json()
    assert await one(db, "SELECT delegate_id FROM mandate") == (ana.id,)
    body = {"service": "complaint", "person_id": str(luz.id), "answers": {}}
    headers = bearer(tokens["access_token"]) | {"Idempotency-Key": "complain-for-luz"}
    assert (await client.post("/api/v1/requests", json=body, headers=headers)).status_code == 201


contacts = st.builds(
    Contact, st.none() | st.just("a@ejemplo.mx") | st.just("b@ejemplo.mx"), st.none() | st.just("+525511112222")
)


@given(st.none() | contacts, st.sampled_from(Assurance), contacts, st.none() | contacts, st.booleans())
def test_no_code_goes_to_a_new_contact_while_there_is_one_on_file(
    account: Contact | None, level: Assurance, registered: Contact, new: Contact | None, full_only: bool
) -> None:
    sending = choose_delivery(account=account, level=level, registered=registered, new=new, full_only=full_only)
    if account is not None or registered.is_there:
        on_file = {registered.reached, account.reached if account else Contact(), Contact()}
        assert sending.contact in on_file
        assert sending.purpose is not Purpose.ENROL
    if sending.purpose is Purpose.REGISTRY:
        assert sending.contact == registered.reached != Contact()
    if full_only and sending.purpose is Purpose.SIGN_IN and sending.contact.is_there:
        assert level is Assurance.FULL
    assert (sending.contact.email is None) or (sending.contact.phone is None)


def test_a_contact_stops_nothing_done_more_surely_than_it_was_proved() -> None:
    low, full = Assurance.LOW, Assurance.FULL
    assert [may_freeze(low, full), may_freeze(low, low), may_freeze(full, low), may_freeze(full, full)] == [
        *(False, True, True, True)
    ]


def test_only_what_was_done_less_surely_is_outdone() -> None:
    low, full = Assurance.LOW, Assurance.FULL
    assert [is_superseded(low, low), is_superseded(low, full), is_superseded(full, low), is_superseded(full, full)] == [
        *(False, False, True, False)
    ]
