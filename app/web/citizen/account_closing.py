"""Close the account: what is open is shown first, and may be cancelled or withdrawn with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.appointments.queries.draws import RegistrationView, registrations_of
from app.appointments.queries.own import OwnAppointment, upcoming_appointments
from app.appointments.queries.wait_list import EntryView, entries_of
from app.appointments.service import reschedule
from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.identity.service import accounts
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import Problem
from app.registry.queries import family_of
from app.registry.settings import access_log_settings
from app.requests.queries.own import open_requests
from app.requests.service import closing
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.effects import Effect, owner_of
from app.web.forms import SubmittedForm
from app.web.notices import notice
from app.web.rendering import redirect, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request as RequestRow

router = APIRouter(prefix="/mi/borrar")


@dataclass(frozen=True, slots=True)
class Open:
    """What goes on after the account is closed, unless the person says otherwise."""

    appointments: list[OwnAppointment]
    requests: list[tuple[RequestRow, Service]]
    waits: list[EntryView]
    """The person's own: without an account no offer reaches them, so these end with it."""
    registrations: list[RegistrationView]
    """As `waits`, in draws."""

    @property
    def shown(self) -> list[object]:
        """What the page shows, so that what is done is what was seen."""
        versions = {one.folio: one.version for one in self.appointments}
        versions |= {row.folio: row.version for row, _service in self.requests}
        ended = sorted([*(str(one.id) for one in self.waits), *(str(one.id) for one in self.registrations)])
        return ["close", sorted(versions.items()), ended]

    @property
    def withdrawable(self) -> list[str]:
        """Folios of the requests that the citizen may withdraw in their state."""
        return [row.folio for row, service in self.requests if _can_withdraw(row, service)]


def _can_withdraw(row: RequestRow, service: Service) -> bool:
    return service.workflow.allowed_transition(row.status, "withdraw", "citizen") is not None


async def _open(tx: AsyncSession, actor: Citizen) -> Open:
    rows = await open_requests(tx, actor)
    return Open(
        await upcoming_appointments(tx, actor),
        [(row, await service_version(tx, row.service, row.service_version)) for row in rows],
        [one for one in await entries_of(tx, [actor.person_id]) if one.draw_id is None],
        [one for one in await registrations_of(tx, [actor.person_id]) if one.can_be_cancelled],
    )


@router.get("")
async def close_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """What closing the account means, and what is open, before the button."""
    return await _page(request, browser, actor, tx)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    now = await _open(tx, actor)
    family = await family_of(tx, actor)
    return show(
        request,
        browser,
        "citizen/close.html",
        status=problem.status if problem else 200,
        problem=problem,
        open=now,
        names={one.person.id: one.person.given_names for one in family} if len(family) > 1 else {},
        ticked=form.getlist("cancel") + form.getlist("withdraw") if form else [],
        years=access_log_settings().access_log_years,
        shown=now.shown,
        back="/mi",
    )


@router.post("")
async def close_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """What is ticked is cancelled or withdrawn, the contact is forgotten and every browser and program signed out: all
    of it, or nothing when something can't be."""
    now = await _open(tx, actor)
    if not form.holds(now.shown):
        return await _page(request, browser, actor, tx, form)
    try:
        async with savepoint(tx):
            await _end(tx, actor, now, form)
            await accounts.close_account(tx, actor)
    except Problem as problem:
        return await _page(request, browser, actor, tx, form, problem)
    if browser.row is not None:
        tx.expunge(browser.row)
        browser.row, browser.ended = None, True
    return redirect(request, browser, "/mi/borrar/hecho?hecho=cuenta")


@router.get("/hecho")
async def closed_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """It is done, and what goes on. It shows no one's data. Only who closed an account is led here."""
    if not notice(request, owner_of(browser), "hecho"):
        return redirect(request, browser, "/")
    return show(request, browser, "citizen/closed.html", private=False)


async def _end(tx: AsyncSession, actor: Citizen, now: Open, form: SubmittedForm) -> None:
    key = form.idempotency_request()
    cancel, withdraw = set(form.getlist("cancel")), set(form.getlist("withdraw")) & set(now.withdrawable)
    # A visit at the window ends with its request: cancelled before, it would send the request back to the officers.
    for row, _service in now.requests:
        if row.folio in withdraw:
            await closing.withdraw(tx, actor, row.folio, version=row.version)
    for own in now.appointments:
        if own.folio in cancel:
            once = IdempotencyRequest(f"{key.key}:{own.folio}", key.fingerprint)
            await reschedule.cancel(tx, actor, own.folio, "other", once, version=own.version)
