"""The page of the link in an offer of the wait list: accept or decline the time, without signing in.

Loading it changes nothing, since programs that scan mail follow links. It names no one and no service; the address
isn't sent on to other pages as a referrer, and the log has its route only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response

from app.appointments.service import wait_answers
from app.appointments.wait_list import OfferAnswer
from app.identity.service.attempts import count_failed_lookup
from app.kernel.actor import Anonymous
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem
from app.notifications.offer_links import OFFER_PAGE, OfferLink, parse_offer_link, read_offer_link
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.citizen.reminder_link import LOOKUPS, REFERRER
from app.web.effects import Effect
from app.web.form_problems import PageChanged
from app.web.rendering import already_done, finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

Token = Annotated[str, Path(max_length=100)]
ANSWERS = {"accept": OfferAnswer.ACCEPTED, "decline": OfferAnswer.DECLINED}


@router.get(OFFER_PAGE + "/{token}")
async def offer_page(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, token: Token
) -> Response:
    """The time and two buttons; or what was answered already, or that the offer is over."""
    return _page(request, browser, await _link(tx, actor, token))


@router.post(OFFER_PAGE + "/{token}")
async def offer_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: Effect, token: Token
) -> Response:
    """A button: accepted or declined, once."""
    link = await _link(tx, actor, token)
    if link is None:
        form.holds([])
        return _page(request, browser, None)
    path = f"{OFFER_PAGE}/{token}"
    answer = form.one_of("answer", list(ANSWERS), N_("Elija una respuesta."))
    if not form.holds(_facts(link)):
        is_done = not form.errors and link.offer.answer == ANSWERS[answer]
        return already_done(request, browser, path) if is_done else _page(request, browser, link)
    if not link.is_open or form.errors:
        return _page(request, browser, link)
    try:
        async with savepoint(tx):
            if answer == "accept":
                once = form.idempotency_request()
                await wait_answers.accept(tx, link.actor, link.offer.id, once)
            else:
                await wait_answers.decline(tx, link.actor, link.offer.id)
    except Problem as problem:
        now = await _link(tx, actor, token)
        if now is None or now.offer.answer is None:
            return _page(request, browser, now, problem)
        form.refuse(PageChanged())  # answered at another device: the page says how
        return _page(request, browser, now)
    return finish(request, browser, form, path)


def _facts(link: OfferLink) -> list[object]:
    return [link.offer.id, link.offer.entry_version, link.offer.answer, link.offer.had_folio]


async def _link(tx: AsyncSession, actor: Anonymous, token: str) -> OfferLink | None:
    """The link of a token; None if it is none. Tokens that our key didn't sign are counted by source, and no others:
    many people share an address."""
    try:
        message_id = parse_offer_link(token)
    except NotFound:
        await count_failed_lookup(LOOKUPS, actor)
        return None
    try:
        return await read_offer_link(tx, message_id, actor)
    except NotFound:
        return None


def _page(
    request: Request, browser: BrowserSession, link: OfferLink | None, problem: Problem | None = None
) -> Response:
    is_over = link is not None and not link.is_open and link.offer.answer not in ("accepted", "declined")
    answer = show(
        request,
        browser,
        "citizen/wait_offer_link.html",
        status=problem.status if problem else 404 if link is None else 410 if is_over else 200,
        problem=problem,
        link=link if link is not None and link.is_valid else None,
        offer=link.offer if link is not None else None,
        shown=_facts(link) if link is not None else [],
        back="/",
    )
    answer.headers["Referrer-Policy"] = REFERRER
    return answer
