"""The same proof sent twice by one browser leads to the same success; another browser gets nothing for it."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.service.sessions import REPEAT_WINDOW
from app.kernel import clock
from tests.conftest import Database
from tests.identity.sign_in import create_person
from tests.identity.staff import PASSWORD, code, hire
from tests.web.tabs import latest_code

COOKIE = "ventanilla"


def new_client(app: FastAPI, **cookies: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", cookies=cookies)


def hidden(page: httpx.Response, *names: str) -> dict[str, str]:
    """The hidden fields of a page's first form."""
    found = {}
    for name in names:
        field = re.search(rf'name="{name}" value="([^"]*)"', page.text)
        if field:
            found[name] = field.group(1)
    return found


async def count(db: Database, question: str) -> int:
    async with db.transaction() as session:
        return int(await session.scalar(text(question)) or 0)


async def at_the_code(app: FastAPI, db: Database) -> tuple[httpx.AsyncClient, dict[str, str], str]:
    """A browser at the page that asks for the code, the form, and the session's cookie."""
    ana = await create_person(db)
    client = new_client(app)
    await client.post("/entrar", data={"identifier": ana.curp, "next": "/mi/datos"})
    page = await client.get("/entrar/codigo")
    form = hidden(page, "csrf", "idempotency_key") | {"code": (await latest_code(db)).code}
    return client, form, client.cookies[COOKIE]


async def test_a_code_sent_twice_before_the_first_answer_arrived(app: FastAPI, db: Database) -> None:
    client, form, cookie = await at_the_code(app, db)
    answers = [await new_client(app, ventanilla=cookie).post("/entrar/codigo", data=form) for _ in range(3)]
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/mi/datos")] * 3
    tokens = {answer.cookies[COOKIE] for answer in answers}
    assert len(tokens) == 1
    assert (await new_client(app, ventanilla=tokens.pop()).get("/mi")).status_code == 200
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'identity.signed-in'") == 1
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'identity.refused'") == 0
    await client.aclose()


async def test_a_code_sent_twice_at_once_minutes_after_it_was_asked_for(app: FastAPI, db: Database) -> None:
    _client, form, cookie = await at_the_code(app, db)
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        posts = [new_client(app, ventanilla=cookie).post("/entrar/codigo", data=form) for _ in range(4)]
        answers = await asyncio.gather(*posts)
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({answer.cookies[COOKIE] for answer in answers}) == 1
    assert await count(db, "SELECT count(*) FROM web_session") == 1


async def test_a_code_sent_again_with_the_cookie_of_the_first_answer(app: FastAPI, db: Database) -> None:
    client, form, _cookie = await at_the_code(app, db)
    first = await client.post("/entrar/codigo", data=form)
    again = await client.post("/entrar/codigo", data=form)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert (await client.get("/mi")).status_code == 200
    # An old form may repeat the sign-in and nothing else.
    assert (await client.post("/entrar/codigo", data=form | {"code": "000000"})).status_code == 403
    assert (await client.post("/entrar/codigo", data=form, headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await client.post("/salir", data=form)).status_code == 403


async def test_a_code_serves_no_other_browser_and_no_later_hour(app: FastAPI, db: Database) -> None:
    _client, form, cookie = await at_the_code(app, db)
    assert (await new_client(app, ventanilla=cookie).post("/entrar/codigo", data=form)).status_code == 303
    other = new_client(app)
    await other.post("/entrar", data={"identifier": "NUPA900517MDFXXN07"})
    theirs = hidden(await other.get("/entrar/codigo"), "csrf", "idempotency_key") | {"code": form["code"]}
    assert (await other.post("/entrar/codigo", data=theirs)).status_code == 422
    with time_machine.travel(clock.now() + REPEAT_WINDOW + timedelta(seconds=1)):
        late = await new_client(app, ventanilla=cookie).post("/entrar/codigo", data=form)
        assert (late.status_code, late.headers["location"]) == (303, "/entrar")
        assert COOKIE not in late.cookies


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_link_opened_in_another_browser_and_sent_twice(app: FastAPI, db: Database, at_once: bool) -> None:
    client, _form, _cookie = await at_the_code(app, db)
    link = f"/entrar/enlace/{(await latest_code(db)).link}"
    page = await new_client(app).get(link)
    form = hidden(page, "idempotency_key") | {"identifier": "NUPA900517MDFXXN07"}
    posts = [new_client(app).post(link, data=form) for _ in range(2)]
    answers = await asyncio.gather(*posts) if at_once else [await post for post in posts]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.cookies[COOKIE] for answer in answers}) == 1
    late = await new_client(app).post(link, data=form | {"idempotency_key": "of another page"})
    assert (late.status_code, "El enlace ya se usó" in late.text) == (410, True)
    again = await new_client(app, ventanilla=answers[0].cookies[COOKIE]).get(link)
    assert (again.status_code, "En este navegador ya entró" in again.text) == (410, True)
    assert "otro navegador" not in again.text
    await client.aclose()


async def test_a_link_opens_nothing_to_who_knows_neither_its_browser_nor_its_person(app: FastAPI, db: Database) -> None:
    """A link that was forwarded: another CURP, a browser that asked for a code of someone else, and neither."""
    client, _form, _cookie = await at_the_code(app, db)
    link = f"/entrar/enlace/{(await latest_code(db)).link}"
    other = "NUPB900517MDFXXN02"
    strange = await new_client(app).post(
        link, data=hidden(await new_client(app).get(link), "idempotency_key") | {"identifier": other}
    )
    assert (strange.status_code, "no es de esa persona" in strange.text) == (422, True)
    asked = new_client(app)
    await asked.post("/entrar", data={"identifier": other})
    elsewhere = await asked.post(link, data=hidden(await asked.get(link), "csrf", "idempotency_key"))
    assert (elsewhere.status_code, "no es de esa persona" in elsewhere.text) == (422, True)
    assert COOKIE not in strange.cookies
    theirs = await new_client(app).post(
        link, data=hidden(await new_client(app).get(link), "idempotency_key") | {"identifier": "NUPA900517MDFXXN07"}
    )
    assert theirs.status_code == 303, "it is good still"
    await client.aclose()


@pytest.mark.parametrize("at_once", [True, False])
async def test_staff_send_their_authenticator_s_code_twice(app: FastAPI, db: Database, at_once: bool) -> None:
    await hire(db)
    page = await new_client(app).get("/ventanilla/entrar")
    form = hidden(page, "idempotency_key", "next") | {"username": "rosa", "password": PASSWORD, "code": code()}
    posts = [new_client(app).post("/ventanilla/entrar", data=form) for _ in range(3)]
    answers = await asyncio.gather(*posts) if at_once else [await post for post in posts]
    assert [answer.status_code for answer in answers] == [303] * 3
    (token,) = {answer.cookies[COOKIE] for answer in answers}
    assert (await new_client(app, ventanilla=token).get("/ventanilla")).status_code == 200
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'identity.refused'") == 0
    again = await new_client(app, ventanilla=token).post("/ventanilla/entrar", data=form)
    assert (again.status_code, again.headers["location"]) == (303, "/ventanilla")
    assert (
        await new_client(app).post("/ventanilla/entrar", data=form | {"idempotency_key": "another"})
    ).status_code == 422


async def test_what_was_typed_survives_a_wait(app: FastAPI, db: Database) -> None:
    await hire(db)
    client = new_client(app)
    wrong = {"username": "rosa", "password": "another long phrase", "code": "000000"}
    with time_machine.travel(clock.now(), tick=False):
        answers = [await client.post("/ventanilla/entrar", data=wrong) for _ in range(14)]
        english = await client.post("/en/ventanilla/entrar", data=wrong)
    refused = answers[-1]
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Demasiados intentos" in refused.text
    assert 'value="rosa"' in refused.text
    assert "Too many" in english.text
