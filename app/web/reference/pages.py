"""The reference of the API: operations and schemas on one page, a form that sends one operation, events, changes."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, FastAPI, Path, Request, Response
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from app.kernel.http.programs import DOCUMENTATION
from app.kernel.problems import NotFound
from app.kernel.settings import get_settings
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.reference.document import Reference, read_document
from app.web.reference.samples import curl_of
from app.web.rendering import environment, prefix_of, show
from app.webhooks import asyncapi

router = APIRouter(prefix=DOCUMENTATION)

CHANGES = FilePath(__file__).with_name("changes.yaml")
CODE = re.compile(r"`([^`]+)`")


class Version(BaseModel):
    """What a version of the portal changed for programs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    released: str = ""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@lru_cache
def versions() -> tuple[Version, ...]:
    """Return the changes of the API, newest first."""
    return tuple(Version.model_validate(one) for one in yaml.safe_load(CHANGES.read_text(encoding="utf-8")))


def prose(text: str) -> Markup:
    """Return a text of the document, whose code is between backticks."""
    code = Markup("<code>{}</code>")
    parts = enumerate(CODE.split(text))
    return Markup("").join(code.format(part) if number % 2 else part for number, part in parts)


@lru_cache(maxsize=1)
def _reference(app: FastAPI) -> Reference:
    """The document doesn't change while a process lives."""
    return read_document(app.openapi())


@lru_cache(maxsize=2)
def _listed(app: FastAPI, prefix: str) -> Markup:
    """The operations and schemas, which are a megabyte: written once for each language."""
    template = environment().get_template("reference/listed.html")
    text = template.render(reference=_reference(app), prose=prose, prefix=prefix, away=False)
    return Markup(text)  # noqa: S704 # a template of ours, which has escaped what it shows


@router.get("")
async def reference_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """Everything on one page, so that the browser's own search finds it."""
    reference = _reference(request.app)
    return show(
        request,
        browser,
        "reference/operations.html",
        private=False,
        reference=reference,
        listed=_listed(request.app, prefix_of(request)),
    )


@router.get("/events")
async def events_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """What webhooks deliver, from the AsyncAPI document."""
    document = asyncapi.document()
    return show(
        request,
        browser,
        "reference/events.html",
        private=False,
        prose=prose,
        back=DOCUMENTATION,
        document=document,
        events=[_event(one, document) for one in document["components"]["messages"].values()],
    )


def _event(message: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    data = message["payload"]["properties"]["data"]["$ref"].rpartition("/")[2]
    members: Mapping[str, Any] = document["components"]["schemas"][data].get("properties", {})
    return {
        "name": message["name"],
        "summary": message["summary"],
        "members": {name: _words(schema) for name, schema in members.items()},
    }


def _words(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    form = f" ({schema['format']})" if "format" in schema else ""
    return " or ".join(kinds) + form


@router.get("/changes")
async def changes_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """What each version changed, and how long what is deprecated stays."""
    return show(
        request,
        browser,
        "reference/changes.html",
        private=False,
        prose=prose,
        back=DOCUMENTATION,
        versions=versions(),
    )


@router.get("/try/{operation_id}")
async def operation_page(
    request: Request,
    browser: BrowserSessionWeb,
    _actor: AnonymousWeb,
    operation_id: Annotated[str, Path(pattern=r"^[a-z_]{1,80}$")],
) -> Response:
    """One operation with a form that sends it. Its script runs in the browser only, and nothing of it is stored."""
    operation = _reference(request.app).operations.get(operation_id)
    if operation is None:
        raise NotFound
    return show(
        request,
        browser,
        "reference/operation.html",
        private=False,
        prose=prose,
        back=f"{DOCUMENTATION}#{operation_id}",
        operation=operation,
        curl=curl_of(operation, get_settings().base_url),
        medias=[content.media for answer in operation.answers if answer.is_success for content in answer.contents],
        away=True,
    )
