"""The queue's page: «Next» obeys what it shows; totals, pages back and forth, order, who holds what; no one is chosen
for who assigns."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import Role
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import fill, pile_up
from tests.web.browser import Browser, another_tab, signed_in_browser

QUEUE = "/ventanilla/cola"


async def staff(app: FastAPI, scene: Scene, role: Role = Role.OFFICER) -> tuple[Browser, actors.Officer]:
    who = await steps.hire(scene, role)
    return await signed_in_browser(app, scene.db, staff_id=who.staff_id), who


async def update(scene: Scene, folio: str, values: str) -> None:
    await steps.run(scene, f"UPDATE work_item SET {values} WHERE folio = '{folio}'")


async def test_the_next_one_is_of_the_list_that_is_shown(app: FastAPI, scene: Scene) -> None:
    urgent, english = sorted(await fill(scene, 2))
    await update(scene, urgent, "rank_on = rank_on - 30")
    await update(scene, english, "language = 'en'")
    browser, officer = await staff(app, scene)
    await browser.get(f"{QUEUE}?idioma=en&orden=oldest")
    assert "La de mayor prioridad con estos filtros" in browser.text
    taken = await browser.send(f"{QUEUE}/siguiente")
    assert taken.headers["location"].startswith(f"/ventanilla/solicitudes/{english}?cola=idioma%3Den")
    held = await steps.item(scene, english)
    assert held is not None
    assert held.holder_id == officer.staff_id
    stale = another_tab(browser)
    await stale.get(f"{QUEUE}?idioma=es")
    await browser.get(f"{QUEUE}?idioma=en")
    assert f'action="{QUEUE}/siguiente"' not in browser.html, "of what the list shows nothing is free"
    nothing = await stale.send(f"{QUEUE}/siguiente", cola="idioma=en")
    browser.html = stale.html
    assert nothing.status_code == 409
    assert "No hay solicitudes en espera" in browser.text
    assert "Idioma: Inglés" in browser.text, "the list keeps its filters"
    await browser.get(QUEUE)
    await browser.send(f"{QUEUE}/siguiente")
    first = await steps.item(scene, urgent)
    assert first is not None
    assert first.holder_id == officer.staff_id


@pytest.mark.parametrize("query", ["estado=held", "estado=mine", "quien={me}"])
async def test_nothing_can_be_taken_of_what_a_person_has(app: FastAPI, scene: Scene, query: str) -> None:
    (folio,) = await fill(scene, 1)
    browser, officer = await staff(app, scene)
    until = clock.now() + timedelta(minutes=9)
    await steps.change_item(scene, folio, holder_id=officer.staff_id, lease_until=until)
    await browser.get(f"{QUEUE}?{query.format(me=officer.staff_id)}")
    assert folio in browser.html
    assert "Tomar la siguiente" not in browser.text


async def test_totals_and_pages_forth_and_back(app: FastAPI, scene: Scene) -> None:
    folios = await pile_up(scene, 57)
    browser, _officer = await staff(app, scene)
    pages, where = [], QUEUE
    while where:
        await browser.get(where)
        pages.append(shown(browser))
        assert "de 57 solicitudes" in browser.text
        where = link(browser, "next")
    assert [len(page) for page in pages] == [25, 25, 7]
    assert {folio for page in pages for folio in page} == folios
    for earlier in (pages[1], pages[0]):
        await browser.get(link(browser, "prev"))
        assert shown(browser) == earlier
    assert link(browser, "prev") == ""
    await browser.get(link(browser, "next"))
    assert shown(browser) == pages[1], "and forward again"
    await browser.get(f"{QUEUE}?orden=newest&idioma=es")
    assert "idioma=es" in link(browser, "next")
    assert "orden=newest" in link(browser, "next")


def shown(browser: Browser) -> list[str]:
    return [part[:15].split('"')[0] for part in browser.html.split('name="folio" value="')[1:]]


def link(browser: Browser, rel: str) -> str:
    before, _rel, after = browser.html.partition(f'rel="{rel}" href="')
    return after.split('"')[0].replace("&amp;", "&") if before != browser.html else ""


async def test_numbers_are_singular_and_plural(app: FastAPI, scene: Scene) -> None:
    await fill(scene, 1)
    browser, officer = await staff(app, scene)
    await browser.get(QUEUE)
    assert "1 en espera, 1 libre, 0 vencidas, 0 mías." in browser.text
    assert "1 solicitud " in browser.text
    await fill(scene, 1)
    await officer.post("claim")
    await browser.get(QUEUE)
    assert "2 en espera, 1 libre, 0 vencidas, 1 mía." in browser.text


async def test_by_unit_for_who_works_at_several(app: FastAPI, scene: Scene) -> None:
    elsewhere = await steps.unit(scene, "UMF 9 Otra")
    here, there = sorted(await fill(scene, 2))
    await update(scene, there, f"unit_id = '{elsewhere.id}'")
    both = await steps.hire(scene, Role.OFFICER, scene.unit, elsewhere)
    browser = await signed_in_browser(app, scene.db, staff_id=both.staff_id)
    await browser.get(QUEUE)
    assert "UMF 9 Otra (1)" in browser.text
    await browser.get(f"{QUEUE}?unidad={elsewhere.id}")
    assert shown(browser) == [there]
    assert "Unidad: UMF 9 Otra" in browser.text
    await browser.send(f"{QUEUE}/siguiente")
    assert (await steps.item(scene, here)).holder_id is None  # type: ignore[union-attr]
    alone, _who = await staff(app, scene)
    await alone.get(QUEUE)
    assert 'name="unidad"' not in alone.html, "who has one unit has nothing to choose"
    await alone.get(f"{QUEUE}?unidad={elsewhere.id}")
    assert there not in alone.html


async def test_appeals_and_holders_are_found(app: FastAPI, scene: Scene) -> None:
    appeal, confirm, held = sorted(await fill(scene, 3))
    await update(scene, appeal, "role = 'supervisor', is_appeal = true")
    await update(scene, confirm, "role = 'supervisor'")
    await steps.change_item(scene, held, holder_id=scene.officer.staff_id)
    boss, _who = await staff(app, scene, Role.SUPERVISOR)
    for query, folio in (("asunto=appeal", appeal), ("asunto=second-review", confirm)):
        await boss.get(f"{QUEUE}?{query}")
        assert shown(boss) == [folio], query
    await boss.get(f"{QUEUE}?quien={scene.officer.staff_id}")
    assert shown(boss) == [held]
    assert "Rosa Díaz (1)" in boss.text
    assert "La tiene: Rosa Díaz" in boss.text


async def test_no_one_is_chosen_beforehand_and_nothing_goes_unsaid(app: FastAPI, scene: Scene) -> None:
    (folio,) = await fill(scene, 1)
    boss, _who = await staff(app, scene, Role.SUPERVISOR)
    await boss.get(f"{QUEUE}?idioma=es")
    assert '<option value="">Elija a quién</option>' in boss.html
    wrong = await boss.send(f"{QUEUE}/asignar", folio=folio)
    assert wrong.status_code == 422
    assert "Elija a quién." in boss.text
    assert "Idioma: Español" in boss.text
    for path in (f"{QUEUE}/asignar", f"{QUEUE}/varias"):
        await boss.get(QUEUE)
        nothing = await boss.send(path, staff_id=str(scene.officer.staff_id))
        assert nothing.status_code == 422, path
        assert "Seleccione al menos una solicitud." in boss.text


async def test_what_is_not_a_filter_is_left_out(app: FastAPI, scene: Scene) -> None:
    (folio,) = await fill(scene, 1)
    browser, _officer = await staff(app, scene)
    await browser.get(f"{QUEUE}?unidad=none&quien=%00&servicio=no-such")
    assert shown(browser) == [folio]
    await browser.get(QUEUE)
    sent = await browser.send(f"{QUEUE}/siguiente", cola="estado=nada&unidad=x&espera=999&vence=%00")
    assert sent.status_code == 303


async def test_the_top_says_who_is_in_and_where(app: FastAPI, scene: Scene) -> None:
    browser, _officer = await staff(app, scene)
    await browser.get(QUEUE)
    top = browser.html[: browser.html.find("<main")]
    for words in ("Rosa Díaz", "Oficialía", scene.unit.name, "/ventanilla/buscar"):
        assert words in top, words
    assert '<a href="/ventanilla/cola" aria-current="page">' in top
    receptionist, _who = await staff(app, scene, Role.RECEPTIONIST)
    await receptionist.get("/ventanilla")
    assert "Recepción" in receptionist.html
    assert "/ventanilla/buscar" not in receptionist.html, "no queue, no search"
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE staff SET all_units = true"))
    await browser.get(QUEUE)
    assert "Todas las unidades" in browser.html


async def test_the_folios_that_are_decided_apart_stay_on_one_line(app: FastAPI, scene: Scene) -> None:
    folios = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    apart = str((await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"])
    browser, _officer = await staff(app, scene)
    await browser.get(QUEUE)
    await browser.send(f"{QUEUE}/varias", folio=[*folios, apart])
    assert "Quite estas de la selección y decídalas aparte" in browser.text
    assert f'<span class="v-nowrap">{apart}.</span>' in browser.html
