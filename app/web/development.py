"""On a development machine: the messages the portal would have sent."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.kernel.http.parameters import Tx
from app.kernel.problems import NotFound
from app.kernel.settings import get_settings
from app.notifications.calendars import media_type_of
from app.notifications.queries import shown_calendar, shown_messages
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.rendering import show

router = APIRouter(prefix="/desarrollo/correo")


def _development_only() -> None:
    if get_settings().is_production:
        raise NotFound


@router.get("")
async def mail_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx) -> Response:
    """The latest first. There is no such page in production."""
    _development_only()
    return show(request, browser, "staff/mail.html", messages=await shown_messages(tx), back="/")


@router.get("/{message_id}/cita.ics")
async def mail_calendar(_actor: AnonymousWeb, tx: Tx, message_id: Annotated[UUID, Path()]) -> Response:
    """The calendar file of a message."""
    _development_only()
    file = await shown_calendar(tx, message_id)
    return Response(file, media_type=media_type_of(file))
