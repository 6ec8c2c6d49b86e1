"""Which reminders I want: the moments and the channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.kernel.actor import Citizen
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.notifications import preferences, reliability
from app.notifications.contacts import EMAIL, SMS
from app.notifications.preferences import Preferences
from app.notifications.reminder_rules import Moment
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_review import masked
from app.web.effects import Effect, owner_of
from app.web.forms import SubmittedForm
from app.web.notices import notice
from app.web.rendering import finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

PAGE = "/mi/recordatorios"
USUAL = "usual"
CHANNELS = [USUAL, EMAIL, SMS]


@router.get(PAGE)
async def preferences_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """What is chosen now."""
    return await _page(request, browser, actor, tx)


@router.post(PAGE)
async def preferences_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """From now on."""
    now = await preferences.preferences_of(tx, actor.person_id)
    channel = form.one_of("channel", CHANNELS, N_("Elija por dónde le recordamos."))
    if not form.holds(_facts(now)) or form.errors:
        return await _page(request, browser, actor, tx, form)
    await preferences.choose(tx, actor, Preferences(_moments(form), None if channel == USUAL else channel))
    return finish(request, browser, form, f"{PAGE}?listo=1")


def _moments(form: SubmittedForm) -> frozenset[Moment]:
    return frozenset(moment for moment in Moment if form.get(moment.value))


def _facts(now: Preferences) -> list[object]:
    return [*sorted(moment.value for moment in now.moments), now.channel, now.changed_at]


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    form: SubmittedForm | None = None,
) -> Response:
    """The choice as it is; after a refusal, as it was sent: what was ticked stays ticked."""
    now = await preferences.preferences_of(tx, actor.person_id)
    failing = await reliability.unreliable_contacts(tx, actor.person_id)
    return show(
        request,
        browser,
        "citizen/reminder_preferences.html",
        errors=form.errors if form else None,
        chosen={moment.value for moment in (_moments(form) if form else now.moments)},
        channel=form.get("channel") if form else now.channel or USUAL,
        failing=[masked(one.address) for one in failing],
        saved=form is None and notice(request, owner_of(browser), "listo") == "1",
        shown=_facts(now),
        back="/mi",
    )
