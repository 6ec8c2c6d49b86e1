"""What the pages carry for their streams, and the news of the queue: numbers and folios, no person."""

import re

from fastapi import FastAPI

from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import fill
from tests.web.browser import Browser, signed_in_browser

QUEUE, NEWS = "/ventanilla/cola", "/ventanilla/cola/novedades"


async def of_staff(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)


async def test_the_news_are_what_the_page_does_not_show(app: FastAPI, scene: Scene) -> None:
    first, second = sorted(await fill(scene, 2))
    browser = await of_staff(app, scene)
    page = (await browser.get(QUEUE)).text
    assert f'data-live="{QUEUE}/eventos"' in page
    assert f'data-news="{NEWS}?"' in page
    one_new = await browser.client.get(f"{NEWS}?&tiene={first}")
    assert one_new.status_code == 200
    assert "1 solicitud nueva en esta lista." in one_new.text
    assert "2 en espera" in one_new.text
    assert f'href="{QUEUE}"' in one_new.text
    for none_new in (f"{NEWS}?&tiene={first},{second}", f"{NEWS}?", f"{NEWS}?idioma=en&tiene="):
        assert "nueva" not in (await browser.client.get(none_new)).text
    assert "2 solicitudes nuevas" in (await browser.client.get(f"{NEWS}?idioma=es&tiene=")).text
    english = await browser.client.get(f"/en{NEWS}?&tiene={first}")
    assert "1 new request in this list." in english.text
    assert scene.ana.first_surname not in one_new.text


async def test_the_news_are_for_who_works_on_requests(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    assert (await browser.client.get(NEWS)).status_code == 401


async def test_a_draft_has_no_stream(app: FastAPI, scene: Scene) -> None:
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    sent = await steps.complain(scene, await steps.create_person(scene))
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    assert "data-live" not in (await browser.get(f"/tramites/{draft}")).text
    staff = await of_staff(app, scene)
    assert not re.search("data-live", (await staff.get(f"/ventanilla/solicitudes/{sent}")).text)
