"""What is declared deprecated says so: in the headers of each response (RFC 9745, RFC 8594) and in the document."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query, Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from app.kernel.http import deprecation, errors
from app.kernel.http.deprecation import MEMBER, NOTICE, Deprecation
from app.kernel.problems import NotFound

OLD = Deprecation(date(2026, 12, 1), date(2028, 1, 15), "/api/v1/new")
DAYS = st.dates(date(2020, 1, 1), date(2100, 1, 1))


class Item(BaseModel):
    """A part of a response."""

    name: str
    label: Annotated[str, Field(json_schema_extra=OLD.schema())] = ""


class Page(BaseModel):
    """A response with parts."""

    items: list[Item] | None


def application() -> FastAPI:
    """Routes of which some are deprecated, or have something that is."""
    app = FastAPI()

    @app.get("/old", operation_id="get_old", openapi_extra=OLD.schema())
    async def old(response: Response) -> dict[str, str]:
        response.headers["Link"] = '</old?cursor=x>; rel="next"'
        return {}

    @app.get("/old/refused", operation_id="get_refused", openapi_extra=OLD.schema())
    async def old_refused() -> None:
        raise NotFound

    @app.get("/parts", operation_id="get_parts")
    async def parts() -> Page:
        return Page(items=[])

    @app.get("/asked", operation_id="get_asked")
    async def asked(q: Annotated[str, Query(json_schema_extra=OLD.schema())] = "") -> dict[str, str]:
        return {"q": q}

    @app.get("/current", operation_id="get_current")
    async def current() -> dict[str, str]:
        return {}

    errors.install(app, errors.renderer(None))
    deprecation.install_deprecations(app)
    deprecation.install_deprecations(app)  # routes are shared by the applications of a process
    return app


@pytest.fixture(scope="module")
async def program() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(("path", "status"), [("/old", 200), ("/old/refused", 404)])
async def test_a_deprecated_route_says_since_when_until_when_and_what_follows(
    program: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await program.get(path)
    assert answer.status_code == status
    assert answer.headers.get_list("Deprecation") == ["@1796083200"]
    assert answer.headers.get_list("Sunset") == ["Sat, 15 Jan 2028 00:00:00 GMT"]
    assert answer.links["deprecation"]["url"].startswith("/api/v1/docs#get_")
    assert answer.links["successor-version"]["url"] == "/api/v1/new"
    assert ("next" in answer.links) is (status == 200)


@pytest.mark.parametrize("path", ["/parts", "/asked"])
async def test_a_route_with_a_deprecated_member_names_where_it_is_documented_only(
    program: httpx.AsyncClient, path: str
) -> None:
    answer = await program.get(path)
    assert answer.links["deprecation"]["url"] == f"/api/v1/docs#get_{path[1:]}"
    assert not {"deprecation", "sunset"} & set(answer.headers)


async def test_other_routes_say_nothing(program: httpx.AsyncClient) -> None:
    answer = await program.get("/current")
    assert not {"deprecation", "sunset", "link"} & set(answer.headers)


def test_the_document_says_so_of_routes_and_members() -> None:
    document: dict[str, Any] = application().openapi()
    stated = {"since": "2026-12-01", "sunset": "2028-01-15", "successor": "/api/v1/new"}
    (parameter,) = document["paths"]["/asked"]["get"]["parameters"]
    found = (document["paths"]["/old"]["get"], document["components"]["schemas"]["Item"]["properties"]["label"])
    assert all(one["deprecated"] is True and one[MEMBER] == stated for one in (*found, parameter["schema"]))
    assert "deprecated" not in document["paths"]["/current"]["get"]


@given(since=DAYS, days=st.integers(-10, 800))
def test_no_one_has_less_than_the_notice(since: date, days: int) -> None:
    sunset = since + timedelta(days=days)
    if days < NOTICE.days:
        with pytest.raises(ValueError, match="too early"):
            Deprecation(since, sunset)
    else:
        made = Deprecation(since, sunset)
        assert deprecation.deprecation_of(made.schema()) == made
