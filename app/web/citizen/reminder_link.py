"""The pages of the links in reminders: each shows an appointment and one button, without signing in. A page has no
token but its own: a mail's link does one thing, a text message's any of three (`hacer`).

Loading one changes nothing, since programs that scan mail follow links. They name no one and no service; the address
isn't sent on to other pages as a referrer, and the log has its route only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.appointments.service import confirmation, reschedule
from app.appointments.service.reschedule import NewTime
from app.identity.service.attempts import count_failed_lookup
from app.kernel import clock
from app.kernel.actor import Anonymous
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Gone, NotFound, Problem
from app.kernel.rate_limit_rules import Policy
from app.notifications.reminder_answers import Answer, Link, actor_of, read_link, record_answer
from app.notifications.reminder_tokens import LINK_PAGE, Purpose, parse_link
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.citizen.nearby_times import nearby_times
from app.web.citizen.offered_times import chosen_time
from app.web.effects import Effect, EffectForm
from app.web.forms import SubmittedForm
from app.web.rendering import already_done, finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

Token = Annotated[str, Path(max_length=100)]
Way = Annotated[str, Query(alias="hacer", max_length=20)]
LOOKUPS = Policy("reminder-link-source", free=30, first_wait=5, longest_wait=600, leak=120, most=10_000)
REFERRER = "strict-origin"
"""`no-referrer` would hide the origin of the form too, by which older browsers are checked."""
CANCEL_REASON = "cannot-attend"
"""Why an appointment is cancelled by a link: the person is asked nothing."""
WAY = "hacer"
WAYS = {"confirmar": Purpose.CONFIRM, "mover": Purpose.MOVE, "cancelar": Purpose.CANCEL}
"""What the link of a text message is asked to do, in the query of its page."""
CHOOSE_TIME = N_("Elija un horario.")
SOON = timedelta(hours=1)


@router.get(LINK_PAGE + "/{token}")
async def link_page(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, token: Token, way: Way = ""
) -> Response:
    """The appointment and a button; or what was done already, or that the link is over."""
    link = await _link(tx, actor, token, way)
    return await _page(request, browser, tx, link) if isinstance(link, Link) else _none(request, browser, link)


@router.post(LINK_PAGE + "/{token}")
async def link_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: Effect, token: Token, way: Way = ""
) -> Response:
    """The button: confirmed, moved or cancelled, once. What else happened to the appointment is said as it was."""
    link = await _link(tx, actor, token, way)
    if not isinstance(link, Link):
        form.holds([])
        return _none(request, browser, link)
    path = f"{LINK_PAGE}/{token}" + (f"?{WAY}={way}" if link.way is not link.purpose else "")
    if not form.holds(link.facts):
        return already_done(request, browser, path) if link.done else await _page(request, browser, tx, link)
    if link.done or link.is_over or link.way is Purpose.ANSWER:
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
    actor, own, once = actor_of(link, anonymous), link.own, form.idempotency_request()
    if link.way is Purpose.CONFIRM:
        confirmed = await confirmation.confirm(tx, actor, own.folio)
        record_answer(link, version=confirmed.version)
    elif link.way is Purpose.CANCEL:
        cancelled = await reschedule.cancel(tx, actor, own.folio, CANCEL_REASON, once, version=own.version)
        record_answer(link, version=cancelled.value.version)
    elif (to := _time_in(form, link)) is not None:
        moved = await reschedule.move(tx, actor, own.folio, to, once, version=own.version)
        record_answer(link, version=moved.value.version, moved_to=to.start_at)


def _time_in(form: EffectForm, link: Link) -> NewTime | None:
    """The time that was chosen, another than the appointment has; otherwise noted as an error."""
    chosen = form.required("time", CHOOSE_TIME)
    try:
        to = chosen_time(chosen)
    except ValueError:
        to = None
    if to is None or to.start_at == link.own.start_at:
        if not form.errors:
            form.wrong("time", CHOOSE_TIME)
        return None
    return to


async def _link(tx: AsyncSession, actor: Anonymous, token: str, way: str) -> Link | Problem:
    """The link of a token, or why there is none. Tokens that our key didn't sign are counted by source, and no others:
    many people share an address."""
    try:
        purpose, message_id = parse_link(token)
    except NotFound as problem:
        await count_failed_lookup(LOOKUPS, actor)
        return problem
    try:
        return await read_link(tx, purpose, message_id, WAYS.get(way))
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
    wants_time = is_open and link.way is Purpose.MOVE and link.can_move
    token = request.path_params["token"]
    has_others = link.purpose is Purpose.ANSWER
    links = {one.name.lower(): f"{LINK_PAGE}/{token}?{WAY}={way}" for way, one in WAYS.items()} if has_others else {}
    answer = show(
        request,
        browser,
        "citizen/reminder_link.html",
        status=problem.status if problem else 410 if link.is_over else 200,
        errors=form.errors if form else None,
        problem=problem,
        typed=form.values if form else {},
        link=link,
        way=link.way.name.lower(),
        own=link.own,
        moved_to=link.reminder.moved_to if _shows_new_time(link) else None,
        days=await nearby_times(tx, link.own) if wants_time else [],
        links=links,
        shown=link.facts,
        confirms=replace(link, way=Purpose.CONFIRM).facts if link.way is Purpose.ANSWER else None,
    )
    return _guarded(answer)


def _guarded(answer: Response) -> Response:
    answer.headers["Referrer-Policy"] = REFERRER
    return answer


def _shows_new_time(link: Link) -> bool:
    """Whether the page shows where the appointment moved: for an hour, to who moved it by the link."""
    at = link.reminder.answered_at
    return link.done is Answer.MOVED and at is not None and clock.now() - at <= SOON
