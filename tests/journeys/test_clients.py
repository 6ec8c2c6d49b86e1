"""An administrator adds a program of another system, which reads, and revokes it; and makes a token of their own."""

import re

import httpx
from playwright.async_api import BrowserContext

from app.identity.service.staff import add_staff
from app.kernel.actor import Role, System
from tests.clients.factories import GRANT, TOKEN, basic
from tests.journeys.conftest import World, press
from tests.journeys.inspection import look

PAGE, OWN = "/ventanilla/programas", "/ventanilla/permisos"


async def test_a_program_is_added_reads_and_is_revoked(world: World, screen: BrowserContext) -> None:
    async with world.transaction() as session:
        admin = await add_staff(
            session,
            System("test"),
            username="programas",
            full_name="Ada Díaz",
            password="una frase bastante larga",
            role=Role.ADMIN,
            unit_ids=None,
        )
    await world.come_in(screen, staff_id=admin.staff_id)
    page = await screen.new_page()
    await page.goto(f"{PAGE}/nuevo")
    await press(page.get_by_role("button", name="Guardar y ver el secreto"))
    await look(page, "client-form-errors")
    await page.get_by_label("Nombre del sistema").fill("Expediente clínico electrónico")
    await page.get_by_label("Correo o teléfono de quien lo atiende").fill("soporte@ejemplo.mx")
    await page.get_by_label("Descargar las tablas completas").check()
    await page.get_by_label("Lee lo de todas las unidades").check()
    await press(page.get_by_role("button", name="Guardar y ver el secreto"))
    shown = await page.locator("main").inner_text()
    await look(page, "client-secret")
    (number,) = re.findall(r"[0-9a-f-]{36}", shown)
    (secret,) = re.findall(r"vts_[\w-]+", shown)
    async with httpx.AsyncClient(base_url=world.portal.address) as program:
        answer = await program.post(TOKEN, data=GRANT, headers=basic(number, secret))
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await program.get("/api/v1/exports", headers=bearer)).status_code == 200
        await press(page.get_by_role("link", name="Ir al programa"))
        assert secret not in await page.content()
        await look(page, "client")
        await press(page.get_by_role("button", name="Dar de baja el programa"))
        assert "ya no lee nada" in await page.locator("main").inner_text()
        assert (await program.get("/api/v1/exports", headers=bearer)).status_code == 401
    await page.goto(OWN)
    await page.get_by_label("Para qué es").fill("Informe de cada mes")
    await page.get_by_label("Descargar las tablas completas").check()
    await press(page.get_by_role("button", name="Crear y ver el permiso"))
    assert "vtp_" in await page.locator("main").inner_text()
    await page.goto(f"/en{OWN}")
    await look(page, "personal-tokens")
    await page.goto(PAGE)
    await look(page, "clients")
