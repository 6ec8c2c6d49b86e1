"""Messages that did not arrive (S13): try again, or ring the person and say so."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.access import StaffWeb, VisitWeb, require_role
from app.kernel.actor import Staff
from app.kernel.db import Tx
from app.notifications import service
from app.notifications.models import Message
from app.notifications.queries import READERS, parked_messages
from app.notifications.sources import zone_of
from app.web.effects import Effect, EffectForm
from app.web.rendering import go, show, start_again

router = APIRouter(prefix="/ventanilla/avisos")

MessageId = Annotated[UUID, Path()]


def message_shown(message: Message) -> list[object]:
    """A message that did not arrive, as the list shows it."""
    return [message.id, message.status, message.tries]


async def _holds(tx: AsyncSession, actor: Staff, message_id: UUID, form: EffectForm) -> bool:
    found = next((one for one in await parked_messages(tx, actor) if one.id == message_id), None)
    return form.holds(message_shown(found) if found else None)


@router.get("")
async def messages_page(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Oldest first, each with its reason."""
    require_role(actor, READERS)
    parked = await parked_messages(tx, actor)
    zones = {message.id: await zone_of(tx, message.person_id) for message in parked}
    return show(
        request,
        visit,
        "staff/messages.html",
        messages=parked,
        zones=zones,
        message_shown=message_shown,
        back="/ventanilla",
    )


@router.post("/{message_id}/reintentar")
async def try_again(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, message_id: MessageId
) -> Response:
    """Back into the queue, with a fresh set of tries."""
    require_role(actor, READERS)
    if not await _holds(tx, actor, message_id, form):
        return start_again(request, visit, form, "/ventanilla/avisos")
    await service.retry(tx, actor, message_id)
    return go(request, visit, "/ventanilla/avisos")


@router.post("/{message_id}/avisado")
async def told_by_hand(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, message_id: MessageId
) -> Response:
    """The person was rung: nothing more to send."""
    require_role(actor, READERS)
    if not await _holds(tx, actor, message_id, form):
        return start_again(request, visit, form, "/ventanilla/avisos")
    await service.dismiss(tx, actor, message_id)
    return go(request, visit, "/ventanilla/avisos")
