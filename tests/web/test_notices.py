"""What an address says was done is believed of our own answers only, by their reader, for a day or two."""

from datetime import timedelta

import httpx
import time_machine
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import clock
from app.kernel.actor import Role
from app.web.notices import NOTICE_FIELDS, SIGNATURE_FIELD, signed
from tests.conftest import Database
from tests.examples import examples
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser, unsigned

PAGES = {
    "/ventanilla/avisos": ("hecho=descarte", "hecho=reintento", "aviso=ya", "aviso=cambio"),
    "/ventanilla/cola": ("hecho=tomada&folio=R-7K3M9-QXT2F-R", "hecho=guardado", "hecho=mensaje", "aviso=ya"),
    "/ventanilla/agenda": ("anotado=number&turno=LLAME+AL+55", "anotado=missed"),
    "/ventanilla/consultorio": ("hecho=atendida", "hecho=no-vino"),
    "/ventanilla/entrar": ("next=/ventanilla%3Fguardado%3D1", "aviso=guardado", "aviso=termino"),
}
SAID = ("Listo", "Se registró", "Se dio el turno", "LLAME", "Anotó que", "Esto ya estaba hecho", "Guardamos lo que")
ADDRESS = "/ventanilla/avisos?hecho=descarte"


async def test_an_address_that_anyone_can_write_says_nothing_was_done(app: FastAPI, scene: Scene) -> None:
    admin, boss = await steps.hire(scene, Role.ADMIN), await steps.hire(scene, Role.SUPERVISOR)
    readers = [await signed_in_browser(app, scene.db, staff_id=one.staff_id) for one in (admin, boss)]
    shown = 0
    for browser in (*readers, Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test"))):
        for page, queries in PAGES.items():
            for query in queries:
                for signature in (
                    "",
                    f"&{SIGNATURE_FIELD}=",
                    f"&{SIGNATURE_FIELD}={'0' * 24}",
                    f"&{SIGNATURE_FIELD}=ñ",
                ):
                    answer = await browser.get(f"{page}?{query}{signature}")
                    shown += answer.status_code == 200
                    assert not [words for words in SAID if words in browser.text], (page, query)
    assert shown > 50


async def test_a_signature_holds_for_its_reader_and_address_for_two_days(app: FastAPI, scene: Scene) -> None:
    admin, other = await steps.hire(scene, Role.ADMIN), await steps.hire(scene, Role.ADMIN)
    browser = await signed_in_browser(app, scene.db, staff_id=admin.staff_id)
    mine = signed(f"staff:{admin.staff_id}", ADDRESS)
    theirs = signed(f"staff:{other.staff_id}", ADDRESS)
    retried = mine.replace("descarte", "reintento")
    twice = f"{mine}&{mine.rpartition('&')[2]}"
    for address, is_said in (
        (mine, True),
        (theirs, False),
        (retried, False),
        (twice, False),
        (mine + "&folio=1", False),
    ):
        await browser.get(address)
        assert ("Listo" in browser.text) is is_said, address
    for days, is_said in ((1, True), (2, False)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            later = await signed_in_browser(app, scene.db, staff_id=admin.staff_id)
            await later.get(mine)
            assert ("Listo" in later.text) is is_said, days


async def test_the_sign_in_page_says_that_a_form_is_stored_only_when_it_led_there(db: Database, app: FastAPI) -> None:
    browser = Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test"))
    await browser.get(signed("anonymous", "/ventanilla/entrar?next=/ventanilla%3Fguardado%3D1&aviso=guardado"))
    assert "Guardamos lo que haya escrito" in browser.text


PARTS = st.text("abñ/?=&#% ", max_size=8)


@examples(40)
@given(path=PARTS, name=st.sampled_from(sorted(NOTICE_FIELDS)), value=PARTS, anchor=PARTS)
def test_signing_changes_nothing_else_of_an_address(path: str, name: str, value: str, anchor: str) -> None:
    plain = f"/x{path.replace('?', '').replace('#', '')}"
    assert signed("anonymous", plain) == plain, "it says nothing"
    query = f"{name}={value.replace('#', '').replace('&', '')}"
    address = f"{plain}?{query}" + (f"#{anchor}" if anchor else "")
    made = signed("anonymous", address)
    assert made != address
    assert unsigned(made) == address
    assert signed("anonymous", made) == made
