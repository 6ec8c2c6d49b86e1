"""The official document of a decided request, for staff to read or to print for who comes to the window."""

from fastapi import APIRouter, Response

from app.certificates import service as certificates
from app.documents.file_response import INERT_PDF, disposition
from app.identity.permissions import Action, require
from app.kernel.db import release_connection
from app.kernel.http.parameters import Tx
from app.kernel.i18n import language
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import own
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.folios import Folio
from app.web.staff.header import HEADER

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}", dependencies=[RECORDS_VIEWS, HEADER])


@router.get("/constancia")
async def case_document(_visit: BrowserSessionWeb, actor: StaffWeb, tx: Tx, folio: Folio) -> Response:
    """The document of the approval or of the refusal in force, in the browser's viewer, for who may see the case. The
    citizen isn't notified by it: their terms count from when they are shown it."""
    require(actor, Action.WORK_REQUESTS)
    row = await own.own_request(tx, actor, folio)
    certificate = await certificates.issue(tx, actor, row, language())
    record_views(actor, ViewContext.CERTIFICATE, {row.person_id: row.unit_id})
    headers = {
        "Content-Disposition": disposition("inline", f"{certificate.template}-{certificate.folio}.pdf"),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": INERT_PDF,
    }
    async with release_connection(tx):
        content = await certificates.read_content(certificate)
    return Response(content, media_type="application/pdf", headers=headers)
