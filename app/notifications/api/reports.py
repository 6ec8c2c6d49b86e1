"""JSON routes for machines that carry messages: what a gateway reports of a text message, and bounces of mail."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import AwareDatetime, Field

from app.identity.dependencies import AnonymousApi
from app.kernel import clock
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Tx
from app.kernel.problems import NotFound
from app.kernel.schemas import Incoming
from app.notifications import bounces
from app.notifications.delivery_rules import Report, ReportKind
from app.notifications.problems import ReportNotSigned
from app.notifications.report_signatures import is_signed, parse_secrets
from app.notifications.reports import apply_report
from app.notifications.settings import messaging_settings

router = APIRouter(prefix="/api/v1", tags=["messages"])
A_MAIL: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _signed(
    request: Request,
    webhook_id: Annotated[str, Header(max_length=200, description="Any text, part of what is signed.")] = "",
    webhook_timestamp: Annotated[str, Header(max_length=20, description="Seconds since 1970.")] = "",
    webhook_signature: Annotated[str, Header(max_length=1_000, description="`v1,` and base64.")] = "",
) -> None:
    """Require the signature of the settings.

    Raises:
        NotFound: there is no secret in the settings. ReportNotSigned: it isn't signed by it, or long ago.
    """
    secret = messaging_settings().report_secret
    if secret is None:
        raise NotFound
    is_ours = is_signed(
        parse_secrets(secret.get_secret_value()),
        await request.body(),
        message_id=webhook_id,
        timestamp=webhook_timestamp,
        signature=webhook_signature,
        now=clock.now(),
    )
    if not is_ours:
        raise ReportNotSigned


class DeliveryReportIn(Incoming):
    """What a gateway reports of a text message. `id` is that of the message, as the portal sent it."""

    id: UUID
    status: ReportKind
    at: AwareDatetime
    code: str | None = Field(
        None, max_length=40, pattern=r"^[\x21-\x7e]*$", description="The gateway's own, or `5.1.1`."
    )

    def report(self) -> Report:
        """The same, as rules take it."""
        at: datetime = self.at
        return Report(self.status, at, self.code)


@router.post(
    "/message-reports",
    operation_id="report_message_delivery",
    summary="What became of a text message",
    status_code=204,
    dependencies=[Depends(_signed)],
    responses=problem_responses(NotFound, ReportNotSigned),
)
async def report_message_delivery(_actor: AnonymousApi, tx: Tx, body: DeliveryReportIn) -> Response:
    """Signed as in Standard Webhooks. Repeated or out of order, the result is the same; an unknown one is ignored."""
    await apply_report(tx, body.id, body.report())
    return Response(status_code=204)


@router.post(
    "/message-bounces",
    operation_id="post_message_bounce",
    summary="A bounce of a mail",
    status_code=204,
    dependencies=[Depends(_signed)],
    openapi_extra=A_MAIL,
    responses=problem_responses(NotFound, ReportNotSigned),
)
async def post_message_bounce(_actor: AnonymousApi, request: Request) -> Response:
    """The whole mail as it came, signed as in Standard Webhooks; what is no report of ours is ignored."""
    await bounces.take_bounce(await request.body())
    return Response(status_code=204)
