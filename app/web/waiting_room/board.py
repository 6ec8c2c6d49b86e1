"""The board of a waiting room: the numbers that were called and their counters, live.

Public, as the screen on the wall is: it shows no person, and of a service only the letter of its queue, which says
nothing about why someone came. A board that is paired with its unit opens by itself at `/pantalla`.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.desk.queries.board import board_of, published_order, units_with_desk
from app.desk.service.forecasts import forecasts_of_unit
from app.kernel import clock
from app.kernel.http.parameters import Read
from app.kernel.http.sse import StateMessage
from app.places.queries import unit_by_clues, unit_by_id
from app.web.browser import AnonymousWeb, UnitDeviceWeb
from app.web.labels import PLACES
from app.web.rendering import redirect, show

router = APIRouter(prefix="/pantalla")

RELOAD_SECONDS = 10
"""How often a board without scripts loads its page again."""
SHOWN = 5


@router.get("")
async def choice_page(request: Request, _actor: AnonymousWeb, device: UnitDeviceWeb, read: Read) -> Response:
    """Units that have a desk; a device of a unit goes on to its own."""
    if device is not None:
        unit = await unit_by_id(read, device.unit_id)
        return redirect(request, None, f"/pantalla/{unit.clues}")
    return show(request, None, "waiting_room/units.html", units=await units_with_desk(read), private=False, back="/")


@router.get("/{clues}")
async def board_page(
    request: Request, _actor: AnonymousWeb, read: Read, clues: Annotated[str, Path(max_length=20)]
) -> Response:
    """Anyone may read it. The script goes on from the state that the page shows."""
    unit = await unit_by_clues(read, clues)
    board = await board_of(read, unit.id)
    return show(
        request,
        None,
        "waiting_room/board.html",
        board=board,
        last=StateMessage.of(board.model_dump_json()).id,
        orders=await published_order(read, unit.id),
        counters=PLACES,
        waits=await forecasts_of_unit(read, unit.id),
        now=clock.now(),
        reload_seconds=RELOAD_SECONDS,
        most=SHOWN,
    )
