"""People: who signed in, and the dependants that they act for."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.dependencies import ServedCitizenApi
from app.interop.fhir.api.places import Id
from app.interop.fhir.bundles import searchset
from app.interop.fhir.exchange import NEGOTIATED, answer, search_of
from app.interop.fhir.people import family_resources, is_searched, read_patient
from app.interop.fhir.systems import PATH
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Read
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[RECORDS_VIEWS, NEGOTIATED])


@router.get("/Patient/{id_}")
async def get_patient(actor: ServedCitizenApi, read: Read, id_: Id) -> Response:
    """The person who signed in, or a dependant of theirs."""
    return answer(await shown_patient(read, actor, id_))


async def shown_patient(read: AsyncSession, actor: Citizen, id_: str) -> dict[str, object]:
    """A person whom the actor acts for; the view is recorded."""
    found = await read_patient(read, actor, id_)
    record_views(actor, ViewContext.PERSON, {UUID(id_): None})
    return found


@router.get("/Patient")
@router.post("/Patient/_search")
async def search_patients(actor: ServedCitizenApi, read: Read, request: Request) -> Response:
    """Of the family: the person first, then their dependants."""
    search, items = await search_of(request, "Patient")
    found = [one for one in await _family(read, actor) if is_searched(one, search)]
    return answer(searchset("Patient", search, found[: search.count], total=len(found), items=items))


async def _family(read: AsyncSession, actor: Citizen) -> list[dict[str, object]]:
    family = await family_of(read, actor)
    record_views(actor, ViewContext.PERSON, {one.person.id: one.person.unit_id for one in family})
    return await family_resources(read, actor, family)
