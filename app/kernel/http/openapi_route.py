"""Where the OpenAPI document is read: made once in a process, with a validator, so that programs may keep it."""

import json

from fastapi import FastAPI, Request, Response
from starlette.routing import Route

from app.kernel.http.responses import cached_response

PATH = "/api/v1/openapi.json"


def openapi_route(app: FastAPI) -> Route:
    """The route of the document of this application."""
    made: list[bytes] = []

    async def document(request: Request) -> Response:
        if not made:
            made.append(json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode())
        return cached_response(request, made[0], by_language=False)

    return Route(PATH, document, methods=["GET"], include_in_schema=False)
