"""The two documents, which the pages link to."""

import json

from fastapi import APIRouter, Response

from app.identity.dependencies import AnonymousApi
from app.interop.linked_data.datasets import data_document
from app.interop.linked_data.services import services_document
from app.interop.linked_data.vocabulary import Node

router = APIRouter(include_in_schema=False)


@router.get("/services.jsonld")
async def services_as_linked_data(_actor: AnonymousApi) -> Response:
    """The catalogue of services."""
    return _answer(services_document())


@router.get("/data.jsonld")
async def data_as_linked_data(_actor: AnonymousApi) -> Response:
    """The published data."""
    return _answer(data_document())


def _answer(made: Node) -> Response:
    body = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return Response(body, headers={"Cache-Control": "public, max-age=300"}, media_type="application/ld+json")
