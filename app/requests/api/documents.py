"""Citizen routes: the documents of a request, and the units that its form lets choose from."""

import asyncio
import hashlib
import json
from typing import IO, Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, File, Form, Request, Response, UploadFile

from app.documents import problems as document_problems
from app.documents import service as documents
from app.documents import storage
from app.documents.file_response import file_response
from app.documents.formats import MEDIA_TYPES
from app.documents.service import Upload
from app.identity.dependencies import ASSISTED, LowPersonApi, ServedCitizenApi
from app.kernel.db import release_connection
from app.kernel.http.openapi import problem_responses
from app.kernel.http.pages import own_path
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import json_response, response_of
from app.kernel.idempotency import IdempotencyRequest, StoredResponse, fingerprint, run_once
from app.kernel.problems import BodyTimeout, TooManyRequests
from app.places.api import UnitOut
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import person_by_id
from app.registry.view_recording import RECORDS_VIEWS
from app.requests import problems
from app.requests.api.responses import IDEMPOTENT, STATE, WHO, Folio
from app.requests.queries import own
from app.requests.queries.units import units_to_choose
from app.requests.schemas import RequestDocumentOut
from app.requests.service import attachments, drafts

router = APIRouter(prefix="/api/v1", tags=["requests"], dependencies=[RECORDS_VIEWS])

A_FILE = {"schema": {"type": "string", "format": "binary"}}
CHUNK_BYTES = 65_536
FILES = (
    document_problems.FileNotAccepted,
    document_problems.FileEmpty,
    document_problems.FilePasswordProtected,
    document_problems.FileDamaged,
    document_problems.FileTooComplex,
    document_problems.FileInfected,
    document_problems.FileTooLarge,
    document_problems.StorageUnavailable,
    document_problems.InspectionBusy,
    BodyTimeout,
    TooManyRequests,
    problems.DocumentNotExpected,
    problems.TooManyDocuments,
)


@router.post(
    "/requests/{folio}/documents",
    operation_id="attach_document",
    openapi_extra=ASSISTED,
    status_code=201,
    summary="Attach a document",
    response_model=RequestDocumentOut,
    responses=problem_responses(*WHO, *STATE, *FILES, *IDEMPOTENT),
)
async def attach_document(
    actor: ServedCitizenApi,
    tx: Tx,
    folio: Folio,
    key: IdempotencyKey,
    request: Request,
    kind: Annotated[str, Form(max_length=60)],
    file: Annotated[UploadFile, File(description="JPEG, PNG, WebP, HEIC or PDF.")],
) -> Response:
    """Attach a document. Its type is detected from the content, not the name. Sent again with the same key, it is the
    same request when kind, name and content are, whatever the boundary between the parts."""
    upload = Upload(kind, file.filename or "", file.file)
    said = json.dumps([kind, upload.name, await asyncio.to_thread(_digest, file.file)]).encode()

    async def attach() -> StoredResponse:
        made = RequestDocumentOut.model_validate(await attachments.attach(tx, actor, folio, upload))
        answer = json_response(made, 201, location=own_path(f"/api/v1/requests/{folio}/documents/{made.id}"))
        return StoredResponse(answer.status_code, dict(answer.headers), bytes(answer.body))

    once = IdempotencyRequest(key, fingerprint(request.method, request.scope["path"], said))
    return response_of(await run_once(tx, actor, once, attach))


def _digest(content: IO[bytes]) -> str:
    found = hashlib.sha256()
    while part := content.read(CHUNK_BYTES):
        found.update(part)
    content.seek(0)
    return found.hexdigest()


@router.get(
    "/requests/{folio}/documents/{document_id}",
    operation_id="get_document",
    openapi_extra=ASSISTED,
    summary="A document's bytes",
    response_class=Response,
    responses=problem_responses(*WHO, document_problems.StorageUnavailable)
    | {200: {"description": "The file.", "content": dict.fromkeys(MEDIA_TYPES.values(), A_FILE)}},
)
async def get_document(actor: LowPersonApi, read: Read, folio: Folio, document_id: UUID) -> Response:
    """Return a document to a caller who may see the request."""
    row = await own.own_request(read, actor, folio)
    document = await documents.document_of(read, row.person_id, row.id, document_id)
    record_views(actor, ViewContext.DOCUMENT, {row.person_id: row.unit_id})
    async with release_connection(read):
        content = await documents.read_content(document)
    return file_response(document, content, inline=False)


@router.delete(
    "/requests/{folio}/documents/{document_id}",
    operation_id="detach_document",
    openapi_extra=ASSISTED,
    status_code=204,
    summary="Take a document off a draft",
    responses=problem_responses(*WHO, *STATE),
)
async def detach_document(
    actor: ServedCitizenApi, tx: Tx, folio: Folio, document_id: UUID, after: BackgroundTasks
) -> Response:
    """Remove a document; only before submission."""
    after.add_task(storage.remove, [await drafts.detach(tx, actor, folio, document_id)])
    return Response(status_code=204, background=after)


@router.get(
    "/requests/{folio}/units",
    operation_id="list_units_to_choose",
    openapi_extra=ASSISTED,
    summary="The units that a question of the form lets choose from",
    responses=problem_responses(*WHO),
)
async def list_units_to_choose(actor: ServedCitizenApi, read: Read, folio: Folio) -> list[UnitOut]:
    """Those that serve the postal code answered before; where it isn't known which do, those there and near the
    person's own. For questions whose `choices` lead here."""
    row = await own.own_request(read, actor, folio)
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    found = await units_to_choose(read, await person_by_id(read, row.person_id), row.answers)
    return [UnitOut.model_validate(unit) for unit in found]
