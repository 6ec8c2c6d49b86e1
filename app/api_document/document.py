"""The OpenAPI 3.1 document of the application: made once, when it is asked for first."""

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.api_document import examples, headers, info, problems, schemas, security
from app.identity.dependencies import ASSISTANCE_HEADER, ASSISTED
from app.kernel.settings import get_settings
from app.places.settings import agency_settings

VERSION = "3.1.0"


def install_document(app: FastAPI) -> None:
    """Let the application answer with the completed document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = make_document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # the framework's own documented way


def make_document(app: FastAPI) -> dict[str, Any]:
    """Return the document of the application's routes."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary="Citizen services of a social-security institute.",
        description=info.DESCRIPTION,
        routes=app.routes,
        openapi_version=VERSION,
        tags=info.tags(),
        servers=[{"url": get_settings().base_url, "description": "This portal."}],
        contact={"name": agency_settings().agency_name, "url": get_settings().base_url},
        license_info=info.LICENSE,
    )
    routes = {one.operation_id: one for one in app.routes if isinstance(one, APIRoute) and one.operation_id}
    for name in ("HTTPValidationError", "ValidationError"):
        made["components"]["schemas"].pop(name, None)
    made = schemas.rename(made)
    schemas.mend(made["components"]["schemas"])
    shared = problems.Components()
    readable = {path.rpartition("/{")[0] for path, operations in made["paths"].items() if "get" in operations}
    for path, operations in made["paths"].items():
        for operation in operations.values():
            _complete(made, operation, routes[operation["operationId"]], shared, has_address=path in readable)
    made["components"] = {
        "schemas": made["components"]["schemas"] | shared.schemas,
        "responses": dict(sorted(shared.responses.items())),
        "examples": shared.examples,
        "headers": headers.components(),
        "securitySchemes": security.SCHEMES,
    }
    examples.add(made)
    return made


def _complete(
    made: dict[str, Any],
    operation: dict[str, Any],
    route: APIRoute,
    shared: problems.Components,
    *,
    has_address: bool,
) -> None:
    operation["security"] = security.requirements(operation["operationId"], route.dependant)
    declared = headers.pop_declared(operation)
    if security.may_assist(route.dependant) and ASSISTANCE_HEADER not in headers.taken(operation):
        operation.setdefault("parameters", []).extend(copy.deepcopy(ASSISTED["parameters"]))
    for one in operation.get("parameters", ()):
        one["schema"] = schemas.without_null(one["schema"])
        if one["schema"].get("description") == one.get("description"):
            one["schema"].pop("description", None)
    headers.require_if_match(operation)
    for status, answer in operation["responses"].items():
        if status >= "400":
            continue
        if answer["description"] == "Successful Response":
            answer["description"] = DONE.get(status, "Done.")
        body = answer.get("content", {}).get("application/json", {}).get("schema", {})
        names = headers.sent(operation, status, schemas.resolve(made, body), declared, has_address=has_address)
        answer["headers"] = headers.references(*names)
    problems.add_implied(operation)
    shared.share(operation)
    operation["responses"] = dict(sorted(operation["responses"].items()))


DONE = {"200": "Done, or found.", "201": "Made.", "202": "Accepted: done later.", "204": "Done; there is no body."}
