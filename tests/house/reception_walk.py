"""The steps of the walk through what staff see that are at a unit's reception."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from app.registry.access_log import ViewContext
from tests.appointments import factories as places
from tests.appointments.week import FRIDAY, at

if TYPE_CHECKING:
    from tests.house.access_walk import Step, Walk

PAGE = "/ventanilla/recepcion"


async def reception(here: Walk) -> AsyncIterator[Step]:
    """The pages of a unit's reception, as the reader's who works at every one."""
    ana, unit = here.scene.ana, here.scene.unit
    async with here.scene.db.transaction() as session:
        (await places.person(session, unit)).first_surname = ana.first_surname
        await places.seats(session, unit, service="preventive", start_at=at(FRIDAY, 11))
        made = await places.booked(session, ana, places.place(unit, at(FRIDAY, 11), service="preventive"))
    await here.page.get(f"{PAGE}?unidad={unit.clues}")
    await here.page.get(PAGE)
    sent = await here.page.send(PAGE, q=ana.first_surname)
    await here.page.get(sent.headers["location"])
    yield f"GET {PAGE}", ViewContext.SEARCH
    await here.page.get(f"{PAGE}/personas/{ana.id}")
    yield f"GET {PAGE}/personas/{{person_id}}", ViewContext.DESK
    await here.page.get(f"{PAGE}/indicaciones/{made.folio}")
    yield f"GET {PAGE}/indicaciones/{{folio:folio}}", ViewContext.DESK
    await here.page.get(f"{PAGE}/personas/{ana.id}")
    await here.page.send(f"{PAGE}/llegadas", via=f"{PAGE}/turnos", folio=made.folio)
    yield f"POST {PAGE}/llegadas", ViewContext.DESK
    given = await here.page.send(f"{PAGE}/turnos", para="")
    yield f"POST {PAGE}/turnos", ViewContext.DESK
    given = await here.page.send(f"{PAGE}/turnos", para="window")
    await here.page.get(given.headers["location"])
    yield f"GET {PAGE}/turno/{{ticket_id}}", ViewContext.DESK
