"""The reference of the API as pages: complete, linked, in both languages, and without any other host."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app import __version__
from app.web.reference.document import Operation, read_document
from app.web.reference.pages import versions
from app.web.reference.samples import curl_of
from app.webhooks.catalogue import CATALOGUE
from scripts.api_contract import published

PAGE = {"Accept": "text/html"}


async def page_of(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == 200, path
    return answer.text


async def test_every_operation_and_schema_is_on_one_page_and_every_link_of_it_leads_somewhere(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    html = await page_of(client, "/api/v1/docs")
    document = app.openapi()
    there = set(re.findall(r' id="([^"]+)"', html))
    operations = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    assert operations | {f"schema-{name}" for name in document["components"]["schemas"]} <= there
    assert set(re.findall(r'href="#([^"]+)"', html)) <= there
    tried = set(re.findall(r'href="/api/v1/docs/try/([^"]+)"', html))
    assert tried == operations


async def test_pages_load_nothing_from_other_hosts_and_run_no_script_of_their_own(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/docs", "/api/v1/docs/events", "/api/v1/docs/changes", "/api/v1/docs/try/create_hold"):
        html = await page_of(client, path)
        loaded = re.findall(r'<(?:script|img|link rel="(?:stylesheet|icon)")[^>]*?(?:src|href)="([^"]+)"', html)
        assert loaded, path
        assert all(one.startswith("/") and not one.startswith("//") for one in loaded), path
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", html), path


@pytest.mark.parametrize(
    ("prefix", "title", "language"), [("", "Referencia de la API", "es"), ("/en", "API reference", "en")]
)
async def test_the_address_chooses_the_language_as_of_any_page(
    client: httpx.AsyncClient, prefix: str, title: str, language: str
) -> None:
    other = {"Accept": "text/html", "Accept-Language": "en" if language == "es" else "es"}
    answer = await client.get(f"{prefix}/api/v1/docs", headers=other)
    assert (answer.headers["Content-Language"], f">{title}</h1>" in answer.text) == (language, True)
    assert f'href="{prefix}/api/v1/docs/try/create_hold"' in answer.text


async def test_an_operation_has_a_form_that_is_hidden_without_a_script(client: httpx.AsyncClient) -> None:
    html = await page_of(client, "/en/api/v1/docs/try/attach_document")
    assert '<div id="try" class="v-try" hidden data-method="POST"' in html
    assert "<noscript>" in html
    assert 'type="file" id="try-body-' in html
    assert not re.search(r"<(?:input|textarea|select)[^>]*\sname=", html), "nothing can be sent by the browser itself"
    assert "-F &#39;kind=&lt;kind&gt;&#39;" in html
    assert "-F file=@FILE" in html
    assert re.search(r'href="/en/api/v1/docs#schema-\w+"', html)


async def test_what_is_not_there_is_a_page_that_says_so(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/docs/try/no_such_operation", "/api/v1/docs/try/NO", "/api/v1/docs/other"):
        answer = await client.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8"), path


async def test_events_are_those_that_leave(client: httpx.AsyncClient) -> None:
    html = await page_of(client, "/api/v1/docs/events")
    assert set(CATALOGUE) <= set(re.findall(r'<article class="v-operation" id="([^"]+)"', html))


async def test_changes_name_the_current_version_and_whatever_is_deprecated(client: httpx.AsyncClient) -> None:
    html = await page_of(client, "/en/api/v1/docs/changes")
    assert f'id="{__version__}"' in html
    listed = " ".join(line for one in versions() for line in one.deprecated)
    retired = {line[1].split(" ")[-1] if line[2] == "*" else line[2] for line in published() if line[0] == "retire"}
    assert [name for name in retired if name not in listed] == []


def operation(**more: object) -> Operation:
    """An operation as its page reads it."""
    stated = {"operationId": "one", "responses": {}, **more}
    return read_document({"info": {"version": "1"}, "paths": {"/x/{id}": {"post": stated}}}).operations["one"]


def test_a_call_has_what_is_required_quoted_for_a_shell() -> None:
    made = operation(
        security=[{"bearer": []}],
        parameters=[
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "q", "in": "query", "required": True, "schema": {"enum": ["a b"]}},
            {"name": "more", "in": "query", "schema": {"type": "string"}},
        ],
        requestBody={"content": {"application/json": {"schema": {}, "example": {"name": "O'Neil"}}}},
    )
    assert curl_of(made, "https://x.example/") == (
        "curl 'https://x.example/x/<id>?q=a b' \\\n"
        '     -H "Authorization: Bearer $TOKEN" \\\n'
        "     -H 'Content-Type: application/json' \\\n"
        '     -d \'{"name": "O\'"\'"\'Neil"}\''
    )


def test_a_deprecated_member_is_shown_with_its_days() -> None:
    stated = {"deprecated": True, "x-deprecation": {"since": "2027-01-04", "sunset": "2028-01-31", "successor": "unit"}}
    parameter = {"name": "clues", "in": "query", "schema": {"type": "string", **stated}}
    (member,) = operation(parameters=[parameter]).parameters
    assert member.deprecation is not None
    assert (member.deprecation.sunset.isoformat(), member.deprecation.successor) == ("2028-01-31", "unit")
