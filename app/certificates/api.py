"""JSON routes: download one's own certificate as a PDF, and verify any certificate."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Header, Path, Query, Response, UploadFile

from app.certificates import service
from app.certificates.decisions import require_document_level
from app.certificates.files import check_file
from app.certificates.problems import CertificatePending, FileNotChecked, NoCertificate, SigningUnavailable
from app.certificates.schemas import CheckedFileOut, VerifiedOut, VerifyIn, checked_out, verified_out
from app.documents.problems import StorageUnavailable
from app.identity.dependencies import AnonymousApi, LowPersonApi
from app.kernel.db import release_connection
from app.kernel.etags import etag
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read, Tx
from app.kernel.i18n import Language, language
from app.kernel.problems import NotFound, TooLarge, TooManyRequests, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries.own import own_request

router = APIRouter(prefix="/api/v1", tags=["certificates"])

PDF = "application/pdf"
Folio = Annotated[str, Path(max_length=20, description="Of the request; small letters and missing dashes are fine.")]
Chosen = Annotated[Language | None, Query(alias="language", description="Without it, the best of Accept-Language.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The signed PDF.", "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The same bytes as before (If-None-Match)."},
}


@router.get(
    "/requests/{folio}/certificate",
    operation_id="get_certificate",
    dependencies=[RECORDS_VIEWS],
    summary="The official document of a decided request",
    response_class=Response,
    responses=FILE
    | problem_responses(
        Unauthorized, NotFound, NoCertificate, CertificatePending, SigningUnavailable, StorageUnavailable
    ),
)
async def get_certificate(
    actor: LowPersonApi, tx: Tx, folio: Folio, chosen: Chosen = None, if_none_match: IfNoneMatch = None
) -> Response:
    """Of an approval, or the resolution of the refusal in force, with the last day of each means against it; a citizen
    who gets it is notified. Produced at the first call, the same bytes ever after. Its ETag is the SHA-256 of the file.
    """
    request = await own_request(tx, actor, folio)
    await require_document_level(tx, actor, request)
    certificate = await service.issue(tx, actor, request, chosen or language())
    tag = etag(certificate.sha256.hex())
    if if_none_match is not None and tag in {sent.strip() for sent in if_none_match.split(",")}:
        return Response(status_code=304, headers={"ETag": tag})
    headers = {
        "ETag": tag,
        "Content-Language": certificate.language,
        "Content-Disposition": f'attachment; filename="{certificate.template}-{certificate.folio}.pdf"',
    }
    record_views(actor, ViewContext.CERTIFICATE, {request.person_id: request.unit_id})
    async with release_connection(tx):
        content = await service.read_content(certificate)
    return Response(content, media_type=PDF, headers=headers)


@router.post(
    "/certificates/verify",
    operation_id="verify_certificate",
    summary="Whether a document is ours, and how it stands",
    responses=problem_responses(NotFound, TooManyRequests),
)
async def verify_certificate(actor: AnonymousApi, read: Read, body: VerifyIn) -> VerifiedOut:
    """Folio and code are printed on the document. Wrong pairs are rate-limited by source. Has no side effects."""
    return verified_out(await service.verify(read, actor, body.folio, body.code))


@router.post(
    "/certificates/check",
    operation_id="check_certificate_file",
    summary="Whether a PDF is ours, unchanged",
    responses=problem_responses(TooManyRequests, TooLarge, FileNotChecked),
)
async def check_certificate_file(
    actor: AnonymousApi,
    file: Annotated[UploadFile, File(description="The PDF as it was received, up to 1 MB.")],
) -> CheckedFileOut:
    """By its digest and embedded signature. The file is not stored; files that aren't ours are rate-limited by
    source."""
    return checked_out(await check_file(actor, await file.read()))
