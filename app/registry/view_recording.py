"""Recording the views of personal data from routes: what an answer shows is written when it has been made."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import Depends, Request

from app.registry.access_log import SHOWN, ShownPeople, insert_views

STATE = "shown_people"
"""In the state of a request: whose data its answer shows."""


async def _record_after_response(request: Request) -> AsyncIterator[None]:
    shown = ShownPeople()
    request.scope["state"][STATE] = shown
    token = SHOWN.set(shown)
    try:
        yield
    finally:
        SHOWN.reset(token)
    await insert_views(shown)


RECORDS_VIEWS = Depends(_record_after_response, scope="function")
"""For `dependencies=` of a router or route that shows personal data: what it names is written when its answer is made.

There it comes before the route's transaction, so it ends after that has committed; a Problem leaves nothing to write.
"""


def recorded_views(request: Request) -> list[tuple[str, UUID, UUID | None]]:
    """What this answer shows: the context, the person and the unit of each view, to be recorded again when the same
    page is shown later."""
    shown: ShownPeople = request.scope["state"].get(STATE) or ShownPeople()
    return [(one, person_id, shown.units[person_id]) for person_id, names in shown.contexts.items() for one in names]
