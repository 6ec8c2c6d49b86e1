"""Who reads a stream with the cookie of a browser, while they may: a page that stays open is no use of its session, so
reading doesn't prolong it; and it ends with the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from app.identity.device_class import device_of
from app.identity.service.sessions import find_session
from app.identity.service.staff import staff_by_id
from app.kernel.actor import Assurance, Channel, Citizen, Staff
from app.kernel.db import reading
from app.kernel.problems import Unauthorized
from app.web.browser import cookie_name

if TYPE_CHECKING:
    from app.identity.models import WebSession


async def _session_of(request: Request) -> WebSession:
    token = request.cookies.get(cookie_name(), "")
    async with reading() as session:
        row = await find_session(session, token) if token else None
    if row is None:
        raise Unauthorized
    return row


async def watching_citizen(request: Request) -> Citizen:
    """The person of the browser's session now.

    Raises:
        Unauthorized: it has ended, or no one has signed in.
    """
    row = await _session_of(request)
    if row.person_id is None:
        raise Unauthorized
    assurance = Assurance(row.assurance or Assurance.LOW)
    return Citizen(row.person_id, Channel.WEB, row.id, device_of(request.headers), assurance=assurance)


async def watching_staff(request: Request) -> Staff:
    """The member of staff of the browser's session now.

    Raises:
        Unauthorized: it has ended, they are active no more, or no one has signed in.
    """
    row = await _session_of(request)
    async with reading() as session:
        staff = await staff_by_id(session, row.staff_id) if row.staff_id else None
    if staff is None:
        raise Unauthorized
    return staff


WatchingCitizenWeb = Annotated[Citizen, Depends(watching_citizen)]
WatchingStaffWeb = Annotated[Staff, Depends(watching_staff)]
