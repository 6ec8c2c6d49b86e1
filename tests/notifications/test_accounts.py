"""What happens to an account reaches every contact known, and the link in the message stops it."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.identity.models import Account
from app.identity.service import account_freeze, mandates, sessions
from app.identity.service.account_freeze import sign_report_link
from app.kernel import clock
from app.kernel.i18n import use_language
from app.notifications.composers.accounts import KINDS, about_account
from app.notifications.composers.codes import CodeText, about_assistance, about_code, about_frozen
from app.notifications.gsm import places
from app.places.models import Unit
from app.registry.masks import masked_identifier, masked_person, masked_short
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.factories import slug
from tests.identity.sign_in import NSS, challenge, come_in, create_person, prove, sent
from tests.identity.takeover import THIEF, come_in_low, desk_code, first_time, me, one, register
from tests.notifications.mailbox import Mailbox, plain, work
from tests.web.browser import forms_of

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)
WHOSE = "An••• (CURP NUPA•••)"


def words(mail: EmailMessage) -> str:
    return plain(mail)


def path_of(mail: EmailMessage) -> str:
    found = re.search(r"https?://[^/]+(/\S*no-fui-yo/\S+)", words(mail))
    assert found, words(mail)
    return found.group(1)


async def not_me(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """The button of the page of a link; without one, what the page would have sent."""
    forms = forms_of((await client.get(path)).text, path)
    form = next((one for one in forms if path in one.actions), None)
    return await client.post(path, data=form.hidden if form else {})


def about(mailbox: Mailbox, subject: str) -> list[EmailMessage]:
    return [mail for mail in mailbox.got if subject in mail["Subject"]]


async def named_ana(db: Database, **more: Any) -> Person:
    ana = await create_person(db, **more)
    async with db.transaction() as session:
        (await session.get_one(Person, ana.id)).given_names = "Ana"
    return ana


async def test_each_change_is_notified_to_every_known_contact(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    ana = await named_ana(db)
    await register(db, ana, email="registro@ejemplo.mx")
    await come_in(client, db, ana.curp)
    await desk_code(db, ana)
    async with db.transaction() as session:
        today = clock.today("America/Mexico_City")
        given = await mandates.grant_mandate(
            session,
            factories.citizen(ana),
            delegate_curp="NUPB900517MDFXXN02",
            services=["weeks"],
            starts_on=today,
            ends_on=today,
        )
        await mandates.revoke_mandate(session, factories.citizen(ana), given.id)
    await work(until_messages=9)
    subjects = ["equipo nuevo", "código de recepción", "Se dio un permiso", "Se quitó un permiso"]
    for subject in subjects:
        reported = about(mailbox, subject)
        assert {mail["To"] for mail in reported} == {"ana@ejemplo.mx", "registro@ejemplo.mx"}, subject
        for mail in reported:
            assert WHOSE in words(mail)
            assert "Ana Nu" not in words(mail)
            assert "weeks" not in words(mail)
            assert (await client.get(path_of(mail))).status_code == 200


async def test_a_browser_is_new_once(client: httpx.AsyncClient, db: Database, mailbox: Mailbox) -> None:
    ana = await named_ana(db)

    async def enter() -> None:
        await client.post("/salir", data={"csrf": await csrf(client, "/")})
        await client.post("/entrar", data={"identifier": ana.curp})
        (challenge_id,) = await one(db, "SELECT id FROM sign_in_code ORDER BY id DESC LIMIT 1")
        code = (await sent(db, str(challenge_id))).code
        page = await client.get("/entrar/codigo")
        key = re.search(r'name="idempotency_key" value="([^"]*)"', page.text)
        data = {
            "code": code,
            "csrf": await csrf(client, "/entrar/codigo"),
            "idempotency_key": key.group(1) if key else "",
        }
        assert (await client.post("/entrar/codigo", data=data)).headers["location"].endswith("/mi")

    await enter()
    await enter()
    assert await one(db, "SELECT count(*) FROM event WHERE type = 'identity.new-device'") == (1,)
    client.cookies.clear()
    await enter()
    assert await one(db, "SELECT count(*) FROM event WHERE type = 'identity.new-device'") == (2,)


async def csrf(client: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]*)"', (await client.get(path)).text)
    return found.group(1) if found else ""


async def test_this_was_not_me_ends_all_and_only_the_desk_opens_it(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    ana = await named_ana(db)
    tokens = await come_in(client, db, ana.curp)
    async with db.transaction() as session:
        await sessions.start_session(session, person_id=ana.id)
    await desk_code(db, ana)
    await work(until_messages=3)
    (mail,) = about(mailbox, "equipo nuevo")
    path = path_of(mail)
    page = await client.get(path)
    assert "Alguien entró a su cuenta" in page.text
    assert await me(client, tokens) == 200  # looking at the page stops nothing
    assert "detenida" in (await not_me(client, path)).text
    assert await me(client, tokens) == 401
    assert await one(db, "SELECT count(*) FROM web_session WHERE person_id IS NOT NULL") == (0,)
    assert await one(db, "SELECT count(*) FROM sign_in_code WHERE used_at IS NULL") == (0,)
    assert await one(db, "SELECT payload ->> 'because' FROM event WHERE type = 'account.frozen'") == (
        "identity.new-device",
    )
    # Asked for a code, the contact hears what to do; the code itself opens nothing.
    mailbox.got.clear()
    asked = await challenge(client, ana.curp)
    code = (await sent(db, asked)).code
    await work(until_messages=4)
    (reported,) = mailbox.got
    assert "recepción" in words(reported)
    assert not re.search(r"\b\d{6}\b", words(reported))
    assert slug(await prove(client, asked, code)) == "account-frozen"
    # A document at the desk opens it, without the contact that may be someone else's.
    opened = await prove(client, await challenge(client, ana.curp), await desk_code(db, ana))
    assert opened.json()["assurance"] == "full"
    assert await one(db, "SELECT frozen_at, email FROM account") == (None, None)
    assert await me(client, opened.json()) == 200
    # The link that was used, and those of before, freeze nothing again.
    assert "ya se resolvió" in (await not_me(client, path)).text
    assert await me(client, opened.json()) == 200


async def test_a_consent_that_was_not_mine_ends(client: httpx.AsyncClient, db: Database, mailbox: Mailbox) -> None:
    ana = await named_ana(db)
    async with db.transaction() as session:
        today = clock.today("America/Mexico_City")
        given: dict[str, Any] = {"services": ["weeks"], "starts_on": today, "ends_on": today}
        await mandates.grant_mandate(session, factories.citizen(ana), delegate_curp="NUPB900517MDFXXN02", **given)
    await work(until_messages=1)
    await not_me(client, path_of(mailbox.got[0]))
    assert await one(db, "SELECT count(*) FROM mandate WHERE revoked_at IS NULL") == (0,)


async def test_a_desk_code_given_to_another_person_is_stopped_before_there_is_an_account(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    ana = await named_ana(db, has_account=False)
    await register(db, ana, email="registro@ejemplo.mx")
    stolen = await desk_code(db, ana)
    await work(until_messages=1)
    path = path_of(mailbox.got[0])
    await not_me(client, path)
    assert slug(await prove(client, await challenge(client, ana.curp), stolen)) == "wrong-code"
    # Pressed again, it stops nothing that came later.
    own = await desk_code(db, ana)
    await not_me(client, path)
    assert (await prove(client, await challenge(client, ana.curp), own)).status_code == 200


async def test_a_thief_s_contact_is_notified_and_can_stop_nothing(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    ana = await named_ana(db, has_account=False)
    await come_in_low(client, db, ana)
    opened = await prove(client, await challenge(client, ana.curp), await desk_code(db, ana))
    assert opened.status_code == 200
    await work(until_messages=4)
    reported = [mail for mail in mailbox.got if mail["To"] == THIEF and "no-fui-yo" not in words(mail)]
    assert {mail["Subject"] for mail in reported} >= {
        "Dieron un código de recepción para su cuenta",
        "Cambió el contacto de su cuenta",
    }
    assert [mail for mail in mailbox.got if "no-fui-yo" in words(mail)] == []


async def test_only_our_links_of_late_stop_anything(client: httpx.AsyncClient, db: Database) -> None:
    ana = await named_ana(db)
    tokens = await come_in(client, db, ana.curp)
    (event_id,) = await one(db, "SELECT id FROM event WHERE type = 'identity.new-device'")
    good = sign_report_link(event_id)
    (other_id,) = await one(db, "SELECT id FROM event WHERE type = 'identity.signed-in'")
    changed = ("A" if good[0] != "A" else "B") + good[1:]
    wrong = [changed, good[1:], "x", "%FF", good + "AAAA", sign_report_link(other_id)]
    for token in wrong:
        assert (await client.post(f"/no-fui-yo/{token}")).status_code == 404, token
    with time_machine.travel(clock.now() + account_freeze.LINK_LIFE + timedelta(days=1)):
        assert (await client.post(f"/no-fui-yo/{good}")).status_code == 404
    assert await me(client, tokens) == 200
    assert str(ana.id) not in good


@pytest.mark.parametrize("language", ["es", "en"])
async def test_text_messages_are_one_part_and_name_no_one(db: Database, language: str) -> None:
    whose = masked_short("María Guadalupe", "NUPA900517MDFXXN07")
    link = f"https://ventanilla.agencia.gob.mx/en/no-fui-yo/{'x' * 39}"
    code = CodeText("40291512", "https://x", whose, clock.now(), "America/Mexico_City")
    with use_language(language):
        written = [about_account(kind, whose, channel="sms", url=url) for kind in KINDS for url in (link, None)]
        assert all(url.link is None or link in url.body for url in written)
        written += [about_code(code, channel="sms"), about_frozen(whose, channel="sms")]
        written.append(about_code(CodeText("402915", None, whose, clock.now(), "UTC"), channel="sms"))
        written.append(about_assistance(CodeText("40291512", None, whose, clock.now(), "UTC"), channel="sms"))
        for said in written:
            assert places(said.body) <= 160, said.body
            assert "Guadalupe" not in said.body
            assert "NUPA***" in said.body


async def test_a_couple_with_one_address_sees_whose_code_it_is(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    couple = {"TOVA790504HDFRRB05": "Abel", "QULI810921MDFNTS09": "Lidia"}
    async with db.transaction() as session:
        unit = await factories.unit(session)
        for curp, name in couple.items():
            person = await factories.person(session, unit)
            person.curp, person.given_names = curp, name
            session.add(
                Account(
                    person_id=person.id,
                    curp=curp,
                    email="casa@ejemplo.mx",
                    created_at=clock.now(),
                    language="es",
                    assurance="full",
                )
            )
    for number, curp in enumerate(couple, start=1):
        client.cookies.clear()
        await client.post("/entrar", data={"identifier": curp})
        page = await client.get("/entrar/codigo")
        assert masked_identifier(curp) in page.text
        await work(until_messages=number)
    assert [mail["To"] for mail in mailbox.got] == ["casa@ejemplo.mx"] * 2
    for mail, mask in zip(mailbox.got, ["Ab••• (CURP TOVA•••)", "Li••• (CURP QULI•••)"], strict=True):
        assert mask in words(mail)
        link = re.search(r"https?://[^/]+(/entrar/enlace/\S+)", words(mail))
        assert link
        assert mask in (await client.get(link.group(1))).text


async def test_the_page_says_of_whom_only_what_was_typed(client: httpx.AsyncClient, db: Database) -> None:
    await named_ana(db)
    for identifier, mask in (("XEXX010101HNEXXXA4", "X••• (CURP XEXX•••)"), (NSS, "NSS •••8903")):
        client.cookies.clear()
        await client.post("/entrar", data={"identifier": identifier})
        assert mask in (await client.get("/entrar/codigo")).text
    assert masked_person("María José", "TOVJ790504MDFRRB05") == "Ma••• Jo••• (CURP TOVJ•••)"


async def test_no_personal_data_enters_the_events(client: httpx.AsyncClient, db: Database) -> None:
    ana = await named_ana(db, has_account=False)
    await come_in_low(client, db, ana)
    await prove(client, await challenge(client, ana.curp), await desk_code(db, ana))
    await first_time(client, ana)
    async with db.transaction() as session:
        log = str((await session.execute(text("SELECT payload FROM event"))).all())
    for secret in (ana.curp, NSS, THIEF, ana.given_names, ana.first_surname):
        assert secret not in log


async def test_a_low_account_is_notified_of_appointments_without_a_name_and_of_no_other_request(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    ana = await named_ana(db, has_account=False)
    await come_in_low(client, db, ana)
    async with db.transaction() as session:
        person = await session.get_one(Person, ana.id)
        unit = await session.get_one(Unit, person.unit_id)
        await factories.seats(session, unit)
        await factories.booked(session, person, factories.place(unit, factories.tomorrow()))
    await work(until_messages=2)
    (mail,) = about(mailbox, "Cita confirmada")
    assert mail["To"] == THIEF
    body = mail.get_body()
    assert body is not None
    assert "Para: Usted" in body.get_content()
    assert "Ana" not in body.get_content()


async def test_a_stranger_can_ask_for_a_code_of_a_frozen_account_and_learn_nothing(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await named_ana(db)
    async with db.transaction() as session:
        (await session.get_one(Account, ana.id)).frozen_at = clock.now()
    known = await client.post("/api/v1/sign-in/codes", json={"curp": ana.curp})
    unknown = await client.post("/api/v1/sign-in/codes", json={"curp": "XEXX010101HNEXXXA4"})
    assert (known.status_code, sorted(known.json())) == (unknown.status_code, sorted(unknown.json()))


async def test_links_of_who_came_in_with_a_payslip_stop_nothing_once_the_owner_proved_more(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    ana = await named_ana(db, has_account=False)
    await come_in_low(client, db, ana)
    thief = await come_in_low(
        client, db, ana
    )  # a program is a new device each time: notified to the thief, with a link
    await work(until_messages=1)
    (mail,) = about(mailbox, "equipo nuevo")
    assert mail["To"] == THIEF
    owner = (await prove(client, await challenge(client, ana.curp), await desk_code(db, ana))).json()
    assert await me(client, thief) == 401
    answer = await client.post(path_of(mail))
    assert "ya se resolvió" in answer.text
    assert await me(client, owner) == 200
    assert await one(db, "SELECT frozen_at FROM account") == (None,)
