"""Discovery, the services, and the attributes of each."""

from fastapi import APIRouter, Response

from app.identity.dependencies import AnonymousApi
from app.interop.open311 import catalogue
from app.interop.open311.api.parameters import JURISDICTION, Code, FormatPath
from app.interop.open311.discovery import discovery
from app.interop.open311.formats import public
from app.interop.open311.systems import PATH, PREFIX
from app.kernel.http.parameters import Read
from app.places.queries import is_demonstration

router = APIRouter(include_in_schema=False, dependencies=[JURISDICTION])


@router.get(f"{PREFIX}discovery.{{format}}")
async def get_discovery(_actor: AnonymousApi, read: Read, form: FormatPath) -> Response:
    """Where the endpoint is, and how a key is had."""
    return public("discovery", discovery(is_test=await is_demonstration(read)), form)


@router.get(f"{PATH}/services.{{format}}")
async def list_open311_services(_actor: AnonymousApi, form: FormatPath) -> Response:
    """The kinds of the service `complaint` of the catalogue."""
    return public("services", catalogue.service_list(), form)


@router.get(f"{PATH}/services/{{code}}.{{format}}")
async def get_open311_definition(_actor: AnonymousApi, code: Code, form: FormatPath) -> Response:
    """What else may be said, by the fields of its form."""
    return public("service_definition", catalogue.definition(code), form)
