"""Who asked to be registered and the holder are both notified of it: the holder once it is approved, and again if that
is undone, without a name; nothing when it is asked for or refused."""

import pytest
from fastapi import FastAPI

from app.kernel.i18n import use_language
from app.notifications.composers.family import KINDS, about_registration
from app.notifications.contacts import EMAIL, SMS
from app.notifications.gsm import ONE_PART, places
from tests.notifications.factories import SITE, account, address, words
from tests.notifications.mailbox import Mailbox, value, work
from tests.requests.conftest import Scene
from tests.requests.relatives import applicant, approve, ask, holder
from tests.web.browser import signed_in_browser

on_psycopg = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


def to(mailbox: Mailbox, who: str) -> list[tuple[str, str]]:
    return [(mail["Subject"], words(mail)) for mail in mailbox.got if mail["To"] == who]


@on_psycopg
async def test_both_are_notified_when_it_is_registered_and_when_that_is_undone(scene: Scene, mailbox: Mailbox) -> None:
    me, older = await applicant(scene), await holder(scene)
    await account(scene, me.person_id)
    await account(scene, older.id)
    folio = await ask(scene, me, older.nss)
    await work(until_messages=1)
    assert to(mailbox, address(older.id)) == [], "not when it is asked for"
    assert (await approve(scene, folio))["outcome"] == "approved"
    await work(until_messages=3)
    [(subject, said)] = to(mailbox, address(older.id))
    assert subject == "Cambió su registro de beneficiarios"
    assert "Una persona quedó registrada como beneficiaria suya" in said
    assert "Dar de baja a un beneficiario" in said
    assert f"{SITE}/mi" in said
    assert not any(name in said for name in ("Teodora", folio))
    assert len(to(mailbox, address(me.person_id))) == 2
    assert (await scene.officer.post(f"{folio}/undo")).status_code == 200
    await work(until_messages=5)
    assert "se deshizo" in to(mailbox, address(older.id))[1][1]
    assert not any("Zorrilla" in body for _subject, body in to(mailbox, address(me.person_id)))


@on_psycopg
async def test_the_holder_is_not_notified_of_a_refusal(scene: Scene, mailbox: Mailbox) -> None:
    me, older = await applicant(scene), await holder(scene)
    await account(scene, me.person_id)
    await account(scene, older.id, language="en")
    folio = await ask(scene, me, older.nss)
    await scene.officer.claim(folio)
    assert (await scene.officer.decide(folio, "refuse", "not-possible")).status_code == 200
    await work(until_messages=2)
    assert to(mailbox, address(older.id)) == []
    assert not any("Zorrilla" in body for _subject, body in to(mailbox, address(me.person_id)))


@on_psycopg
async def test_the_holder_whom_no_message_reaches_is_notified_by_staff(
    app: FastAPI, scene: Scene, mailbox: Mailbox
) -> None:
    """It is the only way in which they learn of a registration that they didn't ask for."""
    me, older = await applicant(scene), await holder(scene)
    folio = await ask(scene, me, older.nss)
    assert (await approve(scene, folio))["outcome"] == "approved"
    assert (await scene.officer.post(f"{folio}/undo")).status_code == 200
    await work(until_messages=0)
    given = "SELECT array_agg((kind, folio, reason)::text ORDER BY id) FROM unaddressed_notice WHERE person_id ="
    assert await value(f"{given} '{older.id}'") == [f"({kind},,no-contact)" for kind in KINDS]
    officer = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await officer.get("/ventanilla/por-avisar")
    assert "Una persona quedó registrada como beneficiaria suya" in officer.text
    assert "None" not in officer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_message_fits_and_english_is_english(kind: str) -> None:
    for language, part in (("es", "familia registrada"), ("en", "registered family")):
        with use_language(language):
            text = about_registration(kind, SMS, f"{SITE}/mi").body
        assert part in text
        assert places(text) <= ONE_PART
    with use_language("en"):
        assert "asked" in about_registration(kind, EMAIL, None).body
