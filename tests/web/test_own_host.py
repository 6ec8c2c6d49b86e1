"""No page leads to another host by an address someone made up: links, forms, redirects, and the ways back."""

import re
from html import unescape

import httpx
import pytest

from app.kernel.settings import get_settings
from tests.conftest import Database
from tests.identity import sign_in
from tests.kernel.factories import HOSTILE, host_of

ALTERNATES = re.compile(r'<link rel="alternate"[^>]* href="([^"]*)">')
LEADS = re.compile(r'(?:href|action|src)="([^"]*)"')
PATHS = [
    "/en//host/x", "/en///host/x", "/en/%5Chost/x", "/en/%2Fhost/x", "/en/%09/host/x", "/en%2F%2Fhost/x",
    "//host/x", "/%5Chost/x", "/%2F%2Fhost/x", "/en//host/x?next=//host", "/en//ayuda", "//entrar",
]  # fmt: skip
WELCOME = {"text/html": "text/html,*/*"}


async def answer_to(client: httpx.AsyncClient, path: str) -> httpx.Response:
    url = httpx.URL("http://127.0.0.1:8000/").copy_with(raw_path=path.encode())
    return await client.get(url, headers={"Accept": "text/html"})


def led_to(answer: httpx.Response) -> list[str]:
    # The page's address in each language is whole: of the portal's own host, as its settings have it.
    whole = [unescape(one) for one in ALTERNATES.findall(answer.text)]
    assert {host_of(one) for one in whole} <= {host_of(get_settings().base_url)}
    found = [unescape(one) for one in LEADS.findall(ALTERNATES.sub("", answer.text))]
    return found + ([answer.headers["location"]] if "location" in answer.headers else [])


@pytest.mark.parametrize("path", PATHS)
async def test_a_path_that_looks_like_a_host_makes_no_link_to_it(
    client: httpx.AsyncClient, db: Database, path: str
) -> None:
    answer = await answer_to(client, path)
    leads = led_to(answer)
    assert leads
    assert {host_of(lead) for lead in leads if not lead.startswith(("tel:", "mailto:"))} == {host_of("")}


@pytest.mark.parametrize("way", [*HOSTILE, "/en//host", "%2F%2Fhost"])
@pytest.mark.parametrize("page", ["/entrar", "/en/entrar", "/citas/identidad", "/ventanilla/entrar"])
async def test_a_way_back_to_another_host_is_dropped(
    client: httpx.AsyncClient, db: Database, page: str, way: str
) -> None:
    answer = await client.get(page, params={"a": way}, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    found = re.findall(r'name="next" value="([^"]*)"', answer.text)
    assert {host_of(unescape(one)) for one in found} == {host_of("")}
    assert {host_of(lead) for lead in led_to(answer) if not lead.startswith("tel:")} == {host_of("")}


@pytest.mark.parametrize("way", ["//host/x", "/\\host/x", "/en//host/x", "/en/\\host"])
async def test_signing_in_goes_to_no_other_host(client: httpx.AsyncClient, db: Database, way: str) -> None:
    ana = await sign_in.create_person(db)
    asked = await client.post("/en/entrar", data={"identifier": ana.curp, "a": way})
    assert asked.status_code == 303
    async with db.transaction() as session:
        from sqlalchemy import select

        from app.identity.models import SignInCode

        challenge = await session.scalar(select(SignInCode.id))
    page = await client.get("/en/entrar/codigo", headers={"Accept": "text/html"})
    csrf = re.search(r'name="csrf" value="([^"]*)"', page.text)
    assert csrf
    code = (await sign_in.sent(db, str(challenge))).code
    entered = await client.post("/en/entrar/codigo", data={"code": code, "csrf": csrf.group(1)})
    assert entered.status_code == 303, entered.text
    assert host_of(entered.headers["location"]) == host_of("")
