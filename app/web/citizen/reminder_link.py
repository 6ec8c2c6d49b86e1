"""The pages of the links in reminders: each shows an appointment and one button, without signing in.

Loading one changes nothing, since programs that scan mail follow links. They name no one and no service; the address
isn't sent on to other pages as a referrer, and the log has its route only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response

from app.appointments.horizon import last_open_day
from app.appointments.queries import availability
from app.appointments.service import confirmation, reschedule
from app.appointments.service.eligibility import days_with_service
from app.identity.service.attempts import count_failed_lookup
from app.kernel import clock
from app.kernel.actor import Anonymous
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant
from app.kernel.problems import Gone, NotFound, Problem
from app.kernel.rate_limit_rules import Policy
from app.notifications.reminder_answers import Answer, Link, actor_of, read_link, record_answer
from app.notifications.reminder_tokens import LINK_PAGE, Purpose, parse_link, sign_link
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.citizen.offered_times import chosen_time
from app.web.effects import Effect, EffectForm
from app.web.forms import SubmittedForm
from app.web.rendering import already_done, finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

Token = Annotated[str, Path(max_length=100)]
LOOKUPS = Policy("reminder-link-source", free=30, first_wait=5, longest_wait=600, leak=120, most=10_000)
REFERRER = "strict-origin"
"""`no-referrer` would hide the origin of the form too, by which older browsers are checked."""
CANCEL_REASON = "cannot-attend"
"""Why an appointment is cancelled by a link: the person is asked nothing."""
MORE = 8
"""Times to choose among; all of them are a link further."""
SOON = timedelta(hours=1)


@router.get(LINK_PAGE + "/{token}")
async def link_page(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, token: Token
) -> Response:
    """The appointment and a button; or what was done already, or that the link is over."""
    link = await _link(tx, actor, token)
    return await _page(request, browser, tx, link) if isinstance(link, Link) else _none(request, browser, link)


@router.post(LINK_PAGE + "/{token}")
async def link_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: Effect, token: Token
) -> Response:
    """The button: confirmed, moved or cancelled, once."""
    link = await _link(tx, actor, token)
    if not isinstance(link, Link):
        form.holds([])
        return _none(request, browser, link)
    path = f"{LINK_PAGE}/{token}"
    if not form.holds(link.facts):
        return already_done(request, browser, path) if link.done else await _page(request, browser, tx, link)
    if link.done or link.is_over or link.purpose is Purpose.CHOOSE:
        return await _page(request, browser, tx, link)
    try:
        async with savepoint(tx):
            await _act(tx, actor, link, form)
    except Problem as problem:
        return await _page(request, browser, tx, link, problem=problem, form=form)
    if form.errors:
        return await _page(request, browser, tx, link, form=form)
    return finish(request, browser, form, path)


async def _act(tx: AsyncSession, anonymous: Anonymous, link: Link, form: EffectForm) -> None:
    """Do what the link is for, by the rules and on the channel of the pages."""
    actor, folio = actor_of(link, anonymous), link.own.folio
    if link.purpose is Purpose.CONFIRM:
        await confirmation.confirm(tx, actor, folio)
    elif link.purpose is Purpose.CANCEL:
        once = form.idempotency_request()
        await reschedule.cancel(tx, actor, folio, CANCEL_REASON, once, version=link.own.version)
    else:
        chosen = form.required("time", N_("Elija un horario."))
        if form.errors:
            return
        try:
            to = chosen_time(chosen)
        except ValueError:
            form.wrong("time", N_("Elija un horario."))
            return
        await reschedule.move(tx, actor, folio, to, form.idempotency_request(), version=link.own.version)
    record_answer(link)


async def _link(tx: AsyncSession, actor: Anonymous, token: str) -> Link | Problem:
    """The link of a token, or why there is none. Tokens that our key didn't sign are counted by source, and no others:
    many people share an address."""
    try:
        purpose, message_id = parse_link(token)
    except NotFound as problem:
        await count_failed_lookup(LOOKUPS, actor)
        return problem
    try:
        return await read_link(tx, purpose, message_id)
    except (NotFound, Gone) as problem:
        return problem


def _none(request: Request, browser: BrowserSession, why: Problem) -> Response:
    """A page that says nothing of any appointment."""
    answer = show(
        request,
        browser,
        "citizen/reminder_link.html",
        status=why.status,
        link=None,
        has_ended=isinstance(why, Gone),
        back="/",
    )
    return _guarded(answer)


async def _page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    link: Link,
    *,
    problem: Problem | None = None,
    form: SubmittedForm | None = None,
) -> Response:
    is_open = link.done is None and not link.is_over
    wants_time = is_open and link.purpose is Purpose.MOVE and link.can_move
    links = {one.name.lower(): f"{LINK_PAGE}/{sign_link(one, link.message.id)}" for one in Purpose}
    answer = show(
        request,
        browser,
        "citizen/reminder_link.html",
        status=problem.status if problem else 410 if link.is_over else 200,
        errors=form.errors if form else None,
        problem=problem,
        typed=form.values if form else {},
        link=link,
        purpose=link.purpose.name.lower(),
        own=link.own,
        moved_to=link.own.start_at if _shows_new_time(link) else None,
        times=await _times(tx, link) if wants_time else [],
        links=links,
        shown=link.facts,
    )
    return _guarded(answer)


def _guarded(answer: Response) -> Response:
    answer.headers["Referrer-Policy"] = REFERRER
    return answer


def _shows_new_time(link: Link) -> bool:
    """Whether the page shows where the appointment moved: for an hour, to who moved it by the link."""
    at = link.reminder.answered_at
    return link.done is Answer.MOVED and at is not None and clock.now() - at <= SOON


async def _times(tx: AsyncSession, link: Link) -> list[tuple[int, datetime]]:
    """The free times nearest to the appointment, of its service and unit, that the person may have."""
    own = link.own
    found = await availability.nearest_free(
        tx, own.unit_id, own.service, own.start_at, own.person_id, last=last_open_day(own.timezone), count=MORE * 2
    )
    times = sorted((iso_instant(one["start_at"]), one["room"]) for one in found)
    days = {clock.local_day(start_at, own.timezone) for start_at, _room in times}
    allowed = await days_with_service(tx, own.person_id, own.unit_id, own.service, sorted(days), moving=own.id)
    left = [(room, start_at) for start_at, room in times if clock.local_day(start_at, own.timezone) in allowed]
    return left[:MORE]
