"""Administrators change the texts of messages: versions, restore, tests; and what is sent has the text in force."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.commands.run import import_jobs
from app.identity.service.refresh import start_family
from app.kernel import ids
from app.kernel.actor import Role
from app.kernel.consumer_runner import catch_up
from app.notifications.templates import store
from app.notifications.templates.defaults import templates
from tests.conftest import Database
from tests.identity.sign_in import bearer
from tests.notifications.gateway import Gateway
from tests.notifications.mailbox import Mailbox, plain, value
from tests.notifications.reminding import Case, case
from tests.notifications.reminding import work as run_jobs
from tests.web.personnel import hire

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

PATH = "/api/v1/message-texts"
BOOKED, REMINDER = "appointment.booked", "appointment.reminder"


@dataclass
class Admin:
    """An administrator with a client of their own."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    id: UUID

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"{PATH}{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def texts(self, template: str = BOOKED) -> dict[str, Any]:
        return dict((await self.get(f"/{template}"))["texts"])

    async def save(self, texts: dict[str, Any], version: int, template: str = BOOKED) -> httpx.Response:
        return await self.send("PUT", f"/{template}", texts, {"If-Match": f'"{version}"'})

    async def send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        about = self.headers | {"Idempotency-Key": str(ids.new_id())} | headers
        return await self.client.request(method, f"{PATH}{path}", json=body, headers=about)


async def staff(client: httpx.AsyncClient, db: Database, role: Role = Role.ADMIN) -> Admin:
    staff_id = await hire(db, f"persona-{role.value}", role)
    async with db.transaction() as session:
        tokens = await start_family(session, staff_id=staff_id)
    return Admin(client, bearer(tokens.access_token), staff_id)


@pytest.fixture
async def admin(client: httpx.AsyncClient, db: Database, monkeypatch: pytest.MonkeyPatch) -> Admin:
    monkeypatch.setattr(store, "SECONDS", 0.0)
    return await staff(client, db)


async def test_every_message_is_listed_with_its_data(admin: Admin) -> None:
    listed = await admin.get("")
    assert {one["id"] for one in listed} == set(templates())
    assert {one["version"] for one in listed} == {0}
    booked = await admin.get(f"/{BOOKED}")
    data = {one["name"]: one for one in booked["data"]}
    assert data["persona"]["allowed_in"] == ["body"]
    assert data["dia"]["required_in"] == ["body", "sms"]
    assert booked["texts"] == booked["default_texts"]


async def test_only_administrators_change_texts(client: httpx.AsyncClient, db: Database, admin: Admin) -> None:
    other = await staff(client, db, Role.SUPERVISOR)
    assert (await client.get(PATH, headers=other.headers)).status_code == 403
    assert (await other.save(await admin.texts(), 0)).status_code == 403


async def test_versions_and_two_tabs(admin: Admin) -> None:
    texts = await admin.texts()
    first = texts | {"es": texts["es"] | {"subject": "Nos vemos: {dia}, {hora}"}}
    saved = await admin.save(first, 0)
    assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
    late = await admin.save(texts | {"es": texts["es"] | {"subject": "Otra: {dia}"}}, 0)
    assert (late.status_code, late.headers["etag"]) == (412, '"1"')
    assert (await admin.save(first, 1)).headers["etag"] == '"1"', "the same texts make no version"
    assert (await admin.send("PUT", f"/{BOOKED}", first, {})).status_code == 428
    back = await admin.send("POST", f"/{BOOKED}/restore", {"version": 0}, {"If-Match": '"1"'})
    assert back.json()["version"] == 2
    assert back.json()["texts"] == texts
    assert (await admin.send("POST", f"/{BOOKED}/restore", {"version": 9}, {"If-Match": "*"})).status_code == 404
    late = await admin.send("POST", f"/{BOOKED}/restore", {"version": 1}, {"If-Match": '"1"'})
    assert (late.status_code, late.headers["etag"]) == (412, '"2"')
    again = await admin.send("POST", f"/{BOOKED}/restore", {"version": 1}, {"If-Match": '"2"'})
    assert again.json()["texts"]["es"]["subject"] == "Nos vemos: {dia}, {hora}"
    third, second, one, default = await admin.get(f"/{BOOKED}/versions")
    assert [third["version"], third["restored_from"]] == [3, 1]
    assert second["restored_from"] == 0
    assert [(change["part"], change["is_added"], change["text"]) for change in one["changes"]] == [
        ("subject", False, "Cita confirmada: {dia}, {hora}"),
        ("subject", True, "Nos vemos: {dia}, {hora}"),
    ]
    assert default["version"] == 0
    assert await value("SELECT count(*) FROM event WHERE type = 'message-texts.changed'") == 3
    assert await value("SELECT count(DISTINCT actor_id) FROM event WHERE type = 'message-texts.changed'") == 1


async def test_what_is_refused_says_where(admin: Admin) -> None:
    texts = await admin.texts()
    wrong = texts | {"en": texts["en"] | {"subject": "Hi {nombre}", "sms": "{dia}"}}
    answer = await admin.save(wrong, 0)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("message-texts-invalid")
    assert {one["field"] for one in answer.json()["fields"]} == {"subject_en", "sms_en"}
    assert (await admin.get(f"/{BOOKED}"))["version"] == 0
    seen = await admin.send("POST", f"/{BOOKED}/preview", texts, {})
    assert {(one["language"], one["sms_parts"]) for one in seen.json()} == {("es", 1), ("en", 1)}
    assert (await admin.send("POST", f"/{BOOKED}/preview", wrong, {})).status_code == 422
    unnoticed = "account.contact-changed"
    texts = await admin.texts(unnoticed)
    wrong = texts | {"es": texts["es"] | {"push": "{{{"}}
    answer = await admin.save(wrong, 0, unnoticed)
    assert (answer.status_code, [one["field"] for one in answer.json()["fields"]]) == (422, ["push_es"])
    assert "no tiene aviso en el navegador" in answer.json()["fields"][0]["message"]
    assert (await admin.send("POST", f"/{unnoticed}/preview", wrong, {})).status_code == 422


async def test_what_waits_is_sent_with_the_text_in_force(db: Database, admin: Admin, mailbox: Mailbox) -> None:
    here = await composed(db)
    texts = await admin.texts()
    await admin.save(texts | {"es": texts["es"] | {"subject": "Ñandú, día {dia}"}}, 0)
    await run_jobs()
    (mail,) = mailbox.got
    assert mail["Subject"].startswith("Ñandú, día ")
    assert here.folio in plain(mail)
    html = mail.get_body(("html",))
    assert html is not None
    assert f'/citas/{here.folio}">' in html.get_content()
    assert await value("SELECT (template, template_version, subject LIKE 'Ñandú%')::text FROM message") == (
        "(appointment.booked,1,t)"
    )


async def composed(db: Database) -> Case:
    """A confirmation that was composed and hasn't left."""
    here = await case(db)
    import_jobs()
    await catch_up("notifications")
    assert await value("SELECT status FROM message") == "pending"
    return here


async def test_reminders_keep_their_links_in_other_words(db: Database, admin: Admin, mailbox: Mailbox) -> None:
    texts = await admin.texts(REMINDER)
    links = "[Voy]({enlace_si_voy})\n[Otro]({enlace_mover})\n[No]({enlace_cancelar})"
    body = f"# Lo esperamos\n{{dia}}, {{hora}}\n{{lugar}}\n{links}"
    assert (await admin.save(texts | {"es": texts["es"] | {"body": body}}, 0, REMINDER)).status_code == 200
    here = await case(db)
    await here.remind(here.before(1))
    mail = mailbox.got[-1]
    assert plain(mail).splitlines()[0] == "Lo esperamos"
    html = mail.get_body(("html",))
    assert html is not None
    assert html.get_content().count('href="http') == 3
    assert await value(
        "SELECT (template, template_version)::text FROM message WHERE kind = 'appointment.reminder'"
    ) == ("(appointment.reminder,1)")


async def test_a_version_that_this_release_can_t_use_gives_way_to_the_default(
    db: Database, admin: Admin, mailbox: Mailbox
) -> None:
    await admin.save(await admin.texts() | {"es": (await admin.texts())["es"] | {"subject": "Hola {dia}"}}, 0)
    here = await composed(db)
    await here.sql("UPDATE message_template_version SET texts = jsonb_set(texts, '{es,subject}', '\"Hola {apodo}\"')")
    store._snapshots.clear()
    await run_jobs()
    assert mailbox.got[0]["Subject"].startswith("Cita confirmada")
    assert (await admin.send("POST", f"/{BOOKED}/restore", {"version": 0}, {"If-Match": '"1"'})).status_code == 200
    back = await admin.send("POST", f"/{BOOKED}/restore", {"version": 1}, {"If-Match": '"2"'})
    assert (back.status_code, back.json()["fields"][0]["field"]) == (422, "subject_es")


async def test_a_test_arrives_with_the_typed_text_by_both_channels(
    admin: Admin, mailbox: Mailbox, gateway: Gateway
) -> None:
    texts = await admin.texts()
    typed = texts | {"es": texts["es"] | {"subject": "Probando {dia}", "sms": "Probando {dia} {hora}"}}
    for number, (channel, to) in enumerate((("email", "jefa@ejemplo.mx"), ("sms", "5512345678"))):
        body = typed | {"language": "es", "channel": channel, "to": to}
        for _ in range(2):
            answer = await admin.send("POST", f"/{BOOKED}/test", body, {"Idempotency-Key": f"prueba-{number}"})
            assert answer.status_code == 202, answer.text
    await run_jobs()
    assert [mail["Subject"] for mail in mailbox.got] == ["Prueba: Probando miércoles 24 de noviembre"]
    (sms,) = gateway.sent.values()
    assert sms["to"] == "+525512345678"
    assert "Probando miércoles 24 de noviembre 10:20 a.m." in sms["text"]
    assert await value("SELECT count(*) FROM message_template_version") == 0
    assert await value("SELECT count(*) FROM event WHERE type = 'message-texts.tested'") == 2
    assert await value("SELECT count(*) FROM event WHERE person_id IS NOT NULL") == 0


async def test_tests_are_few_and_go_to_a_contact(admin: Admin, mailbox: Mailbox) -> None:
    texts = await admin.texts()
    for number in range(7):
        body = texts | {"language": "en", "channel": "email", "to": "jefa@ejemplo.mx"}
        answer = await admin.send("POST", f"/{BOOKED}/test", body, {"Idempotency-Key": f"prueba-{number}"})
    assert answer.status_code == 429
    wrong = texts | {"language": "en", "channel": "sms", "to": "nadie"}
    refused = await admin.send("POST", f"/{BOOKED}/test", wrong, {"Idempotency-Key": "prueba-x"})
    assert [one["field"] for one in refused.json()["fields"]] == ["to"]


@pytest.mark.parametrize("to", ["jefa@ejemplo.mx\0", "\0jefa@ejemplo.mx", "jefa\0@ejemplo.mx"])
async def test_a_contact_with_a_null_character_is_refused(admin: Admin, mailbox: Mailbox, to: str) -> None:
    body = await admin.texts() | {"language": "en", "channel": "email", "to": to}
    refused = await admin.send("POST", f"/{BOOKED}/test", body, {"Idempotency-Key": "prueba-nula"})
    assert (refused.status_code, [one["field"] for one in refused.json()["fields"]]) == (422, ["to"])
    assert await value("SELECT count(*) FROM message") == 0


async def test_a_refused_test_is_no_dead_letter(admin: Admin, mailbox: Mailbox) -> None:
    mailbox.say = "550 5.1.1 No such user"
    body = await admin.texts() | {"language": "es", "channel": "email", "to": "nadie@ejemplo.mx"}
    await admin.send("POST", f"/{BOOKED}/test", body, {"Idempotency-Key": "prueba-1"})
    await run_jobs()
    assert await value("SELECT status FROM message") == "dropped"
    assert await value("SELECT count(*) FROM contact_failure") == 0


async def test_other_texts_are_in_use_within_seconds(
    db: Database, mailbox: Mailbox, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await staff(client, db)
    await composed(db)  # the process has read the texts
    texts = await admin.texts()
    await admin.save(texts | {"es": texts["es"] | {"subject": "Nueva {dia}"}}, 0)
    async with db.transaction() as session:
        await store.refresh(session)
        assert store.in_force(BOOKED).version == 0, "read some moments ago"
    monkeypatch.setattr(store, "SECONDS", 0.0)  # they are over
    async with db.transaction() as session:
        await store.refresh(session)
        assert store.in_force(BOOKED).version == 1
    assert mailbox.got == []
