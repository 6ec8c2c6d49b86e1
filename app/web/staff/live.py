"""The queue's page while it is open: that the queue changed, and what is new in it. Its list isn't touched."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from app.kernel.actor import Staff
from app.kernel.db import reading
from app.kernel.http.parameters import LastEventId, Read
from app.kernel.http.sse import EventStream, StateMessage, last_event, open_stream
from app.kernel.problems import Problem
from app.requests.queries import live, queue
from app.requests.queries.queue import Waiting
from app.web.rendering import show
from app.web.staff.queue import SHOWN
from app.web.staff.queue_filters import QueueView
from app.web.watching import WatchingStaffWeb, watching_staff

router = APIRouter(prefix="/ventanilla/cola")

PAUSE_SECONDS = 2.0
"""A queue is read again at most this often, however much changes."""
SHOWN_FIELD = "tiene"
"""In the address of the news: the folios of the list as the page shows it."""


@router.get("/eventos", response_class=EventStream)
async def queue_events(request: Request, actor: WatchingStaffWeb, last_event_id: LastEventId = None) -> Response:
    """That something in the queue of the actor's units changed."""
    topics = live.queue_topics(actor)

    async def read() -> StateMessage:
        async with reading() as session:
            return StateMessage.of_version(await live.queue_version(session, actor))

    async def may_read() -> bool:
        try:
            return _scope(await watching_staff(request)) == _scope(actor)
        except Problem:
            return False

    before = last_event(last_event_id)
    seen = before.state if before else ""
    return await open_stream(
        request, f"queue {_scope(actor)}", topics, read, seen=seen, may_read=may_read, pause=PAUSE_SECONDS
    )


def _scope(actor: Staff) -> tuple[list[str], list[str]]:
    """Whose queue it is: who has the same sees the same."""
    return sorted(live.queue_topics(actor)), queue.roles_of(actor.role)


@router.get("/novedades")
async def queue_news(request: Request, actor: WatchingStaffWeb, read: Read) -> Response:
    """The numbers of the queue now, and which requests of the list the page doesn't show: by folio, no person."""
    view = QueueView.of_query(request.url.query)
    shown = request.query_params.get(SHOWN_FIELD)
    now = await queue.queue_of_staff(read, actor, view.filter(), limit=SHOWN, sort=view.sort)
    return show(
        request,
        None,
        "staff/queue_news.html",
        counts=await queue.counts(read, actor),
        new=_new(now, shown),
        view=view,
    )


def _new(now: Sequence[Waiting], shown: str | None) -> list[str]:
    """The folios of the first page of the list that the page, which shows these, doesn't; of another page, none."""
    if shown is None:
        return []
    return [row.folio for row in now if row.folio not in shown.split(",")[:SHOWN]]
