"""What this server can do."""

from fastapi import APIRouter, Response

from app.identity.dependencies import AnonymousApi
from app.interop.fhir.capabilities import capability_statement
from app.interop.fhir.exchange import NEGOTIATED, answer
from app.interop.fhir.systems import PATH

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[NEGOTIATED])


@router.get("/metadata")
async def get_metadata(_actor: AnonymousApi) -> Response:
    """The CapabilityStatement; a test compares it with the routes."""
    return answer(capability_statement(), headers={"Cache-Control": "public, max-age=300"})
