"""Work that could not be done: have it tried again, or let it go (administrators)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.identity.access import StaffWeb, VisitWeb, require_role
from app.kernel import parking
from app.kernel.actor import Role
from app.kernel.db import Tx
from app.kernel.parking import Kind
from app.web.rendering import go, show

router = APIRouter(prefix="/ventanilla/pendientes")

KEEPERS = (Role.ADMIN,)
PAGE = "/ventanilla/pendientes"

WorkKey = Annotated[str, Path(max_length=120)]


@router.get("")
async def parked_page(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Oldest first, each with its reason or its number in the log."""
    require_role(actor, KEEPERS)
    return show(request, visit, "staff/parked.html", waiting=await parking.parked_work(tx), back="/ventanilla")


@router.post("/{kind}/{key}/reintentar")
async def try_work_again(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, kind: Kind, key: WorkKey
) -> Response:
    """The worker takes it with its next step."""
    require_role(actor, KEEPERS)
    await parking.retry_work(tx, actor, kind, key)
    return go(request, visit, PAGE)


@router.post("/{kind}/{key}/descartar")
async def drop_work(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, kind: Kind, key: WorkKey) -> Response:
    """It was dealt with in another way."""
    require_role(actor, KEEPERS)
    await parking.drop_work(tx, actor, kind, key)
    return go(request, visit, PAGE)
