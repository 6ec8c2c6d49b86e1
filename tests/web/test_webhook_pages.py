"""Administrators subscribe systems, rotate secrets, and see what was sent."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from standardwebhooks import Webhook as Verifier

from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.outbound import close_outbound_client
from tests.conftest import Database
from tests.notifications.mailbox import value
from tests.web.browser import Browser, another_tab, signed_in_browser
from tests.webhooks.factories import happen, hire, work
from tests.webhooks.receiver import Receiver, receiving

PAGE = "/ventanilla/webhooks"
TYPED: dict[str, Any] = {
    "name": "Expediente",
    "contact": "soporte@ejemplo.mx",
    "types": ["holiday.added", "appointment.booked"],
}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@dataclass
class Office:
    """An administrator's browser, and a system that receives."""

    db: Database
    page: Browser
    receiver: Receiver
    here: str = ""

    async def subscribe(self) -> str:
        """Fill in the form; returns the secret."""
        await self.page.get(f"{PAGE}/nuevo")
        await self.page.send(f"{PAGE}/nuevo", **TYPED, url=self.receiver.url)
        (secret,) = SECRET.findall(self.page.html)
        found = re.search(rf"{PAGE}/[0-9a-f-]{{36}}", self.page.html)
        assert found
        self.here = found.group()
        return str(secret)

    async def press(self, action: str, **fields: str) -> httpx.Response:
        """A button of the webhook's page; then the page it leads to."""
        await self.page.get(self.here)
        answer = await self.page.send(f"{self.here}/{action}", **fields)
        if answer.status_code == 303:
            await self.page.get(answer.headers["location"])
        return answer


@pytest.fixture
async def office(app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    admin = await hire(Role.ADMIN)
    page = await signed_in_browser(app, db, staff_id=admin)
    async with receiving(monkeypatch) as receiver:
        yield Office(db, page, receiver)
        await close_outbound_client()
    await page.client.aclose()


async def test_from_the_form_to_a_delivery_on_the_page(office: Office) -> None:
    await office.page.get("/ventanilla")
    assert f'href="{PAGE}"' in office.page.html
    await office.page.get(PAGE)
    assert "Todavía no hay ninguno" in office.page.text
    secret = await office.subscribe()
    office.receiver.status, office.receiver.text = 200, "recibido"
    await happen()
    await work()
    Verifier(secret).verify(office.receiver.calls[0].body, office.receiver.calls[0].headers)
    await office.page.get(office.here)
    assert "holiday.added" in office.page.text
    assert "recibido" in office.page.text
    assert SECRET.search(office.page.html) is None, "it was shown once"
    await office.page.get(PAGE)
    assert "Activo" in office.page.text
    async with office.db.transaction() as session:
        await session.execute(text("UPDATE webhook SET disabled_at = now(), disabled_because = 'failing'"))
    await office.page.get("/ventanilla")
    assert "1 sin servicio" in office.page.text
    await office.page.get(office.here)
    assert "falló durante tres días" in office.page.text
    await office.page.get(f"/en{office.here}")
    for words in ("Attempts", "Activate", "Create another secret and see it"):
        assert words in office.page.text


async def test_each_button(office: Office) -> None:
    await office.subscribe()
    await office.press("prueba")
    assert "Pidió una prueba" in office.page.text
    await work()
    assert await value("SELECT count(*) FROM webhook_attempt WHERE type = 'webhook.test'") == 1
    await office.press("secreto")
    assert SECRET.search(office.page.html)
    await happen()
    await work()
    now = clock.now() - timedelta(hours=6)  # the clock of central Mexico
    times = {
        "since": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "until": f"{now + timedelta(minutes=2):%Y-%m-%dT%H:%M}",
    }
    await office.press("reenviar", **times)
    assert "Pidió enviarlos otra vez" in office.page.text
    await work()
    assert len(office.receiver.calls) == 3
    before = await office.press("desactivar")
    assert "no se le envía nada más" in office.page.text
    await office.press("activar")
    assert "desde este momento" in office.page.text
    await office.page.get(before.headers["location"])
    assert "no se le envía nada más" not in office.page.text, "it goes on since"
    assert "Cambió después de eso" in office.page.text
    await office.page.get(f"{office.here}/cambiar")
    assert 'value="holiday.added" checked' in office.page.html
    answer = await office.page.send(f"{office.here}/cambiar", **TYPED | {"name": "Otro", "url": office.receiver.url})
    assert answer.status_code == 303
    assert await value("SELECT name FROM webhook") == "Otro"


async def test_dead_letters_are_sent_again(office: Office) -> None:
    await office.subscribe()
    await happen()
    await work()
    async with office.db.transaction() as session:
        await session.execute(text("UPDATE webhook_delivery SET status = 'dead-letter'"))
    await office.press("reintentar")
    await work()
    assert len(office.receiver.calls) == 2


async def test_what_is_wrong_is_said_at_its_field(office: Office) -> None:
    await office.page.get(f"{PAGE}/nuevo")
    answer = await office.page.send(f"{PAGE}/nuevo", name="", contact="nadie", url="https://10.0.0.1/")
    assert answer.status_code == 422
    for words in ("Escriba el nombre del sistema", "Escriba el correo", "red privada", "Elija al menos un tipo"):
        assert words in office.page.text
    await office.subscribe()
    answer = await office.press("reenviar", since="ayer", until="")
    assert answer.status_code == 422
    assert office.page.text.count("Escriba día y hora") >= 2
    answer = await office.press("reenviar", since="2027-01-01T00:00", until="2027-01-02T00:00")
    assert answer.status_code == 422
    assert "no hubo nada que enviar" in office.page.text


async def test_two_tabs(office: Office) -> None:
    """What the second shows isn't so any more: nothing is done, and its page says so."""
    await office.subscribe()
    await office.page.get(office.here)
    other = another_tab(office.page)
    await other.get(office.here)
    await office.page.send(f"{office.here}/secreto")
    (newest,) = SECRET.findall(office.page.html)
    answer = await other.send(f"{office.here}/secreto")
    assert answer.status_code in (303, 409)
    assert await value("SELECT count(*) FROM event WHERE type = 'webhook.secret-rotated'") == 1
    await happen()
    await work()
    Verifier(newest).verify(office.receiver.calls[0].body, office.receiver.calls[0].headers)


async def test_the_same_form_sent_twice_is_one_webhook_with_one_secret(office: Office) -> None:
    await office.page.get(f"{PAGE}/nuevo")
    form = office.page.form(f"{PAGE}/nuevo", **TYPED, url=office.receiver.url)
    answers = [await office.page.client.post(f"{PAGE}/nuevo", data=form, follow_redirects=True) for _ in range(2)]
    assert SECRET.findall(answers[0].text) == SECRET.findall(answers[1].text) != []
    assert await value("SELECT count(*) FROM webhook") == 1


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ANALYST])
async def test_only_administrators(app: FastAPI, db: Database, role: Role) -> None:
    page = await signed_in_browser(app, db, staff_id=await hire(role))
    await page.get("/ventanilla")
    assert PAGE not in page.html
    for path in (PAGE, f"{PAGE}/nuevo"):
        assert (await page.get(path)).status_code == 403
    await page.client.aclose()
