"""The citizens' own pages, below `/ventanilla/asistida/{person}`: the same routes, forms and rules, with the person as
the actor and the member of staff as the helper. What belongs to the person alone isn't among them: opinions, appeals,
account, contacts and consents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.routing import APIRoute

from app.identity.permissions import Action, require
from app.identity.service import assistance
from app.kernel.actor import Assurance, Citizen, Staff
from app.kernel.http.pages import local_path, page_form
from app.kernel.http.parameters import Tx
from app.kernel.problems import NotFound
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of, person_by_id
from app.registry.view_recording import RECORDS_VIEWS
from app.web.assisted_paths import ASSISTED, PREFIX, AssistedPerson, home_of
from app.web.browser import SAFE_METHODS, BrowserSession, BrowserSessionWeb, SignInRequired, StaffWeb
from app.web.forms import PAGE_FIELD
from app.web.rendering import RESTORED
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.routing import BaseRoute

    from app.identity.models import Assistance
    from app.registry.models import Person

PERSON = "assisted_person"
LEFT_OUT = ("/opinion", "/revision", "/citas")
"""Ends of the paths that aren't offered: what only the person can say or ask for, and the first page of booking, which
tells citizens what they need to sign in."""
AssistedId = Annotated[UUID, Path(alias=PERSON)]


class IdentityCheckRequired(SignInRequired):
    """The page is for a person whose identity has to be checked first, or checked again: what was typed is stored and
    restored afterwards, as after signing in."""


async def open_for(
    tx: AsyncSession, browser: BrowserSession, actor: Staff, person_id: UUID, *, lock: bool
) -> Assistance | None:
    """The assistance that the member of staff has open of this person, which is kept alive; it becomes the session's,
    and its person the actor."""
    row = await assistance.open_assistance(tx, actor, person_id, lock=lock)
    if row is None:
        return None
    assistance.touch(row)
    browser.assistance, browser.served = row, assistance.citizen_of(actor, row)
    return row


def shown_of(row: Assistance, person: Person, zone: str) -> AssistedPerson:
    """What the top of the pages shows."""
    is_sure = row.assurance == Assurance.FULL
    return AssistedPerson(person.id, person.full_name, row.channel, row.identity, is_sure, row.started_at, zone)


async def _assisted(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, assisted_person: AssistedId
) -> None:
    """Let the page act for the person, and record that staff were shown their data, with their family's."""
    require(actor, Action.ATTEND_PEOPLE)
    row = await open_for(tx, browser, actor, assisted_person, lock=request.method not in SAFE_METHODS)
    if row is None or browser.served is None:
        raise await _check_first(request, assisted_person)
    person = await person_by_id(tx, assisted_person)
    request.scope["state"][ASSISTED] = shown_of(row, person, await zone_of(tx, row.unit_id))
    await record_family(tx, browser.served)


async def record_family(tx: AsyncSession, served: Citizen) -> None:
    """Record that staff are shown the person's data, and that of those whom they may act for."""
    family = await family_of(tx, served)
    if not family:
        raise NotFound
    record_views(served, ViewContext.ASSISTANCE, {member.person.id: member.person.unit_id for member in family})


async def _check_first(request: Request, person_id: UUID) -> IdentityCheckRequired:
    prefix = request.scope["state"].get("prefix", "")
    here = request.scope["path"] if request.method in SAFE_METHODS else ""
    if request.scope["state"].get("is_restored"):  # what was typed is stored still: on to it afterwards
        page = local_path(str((await page_form(request)).get(PAGE_FIELD, "")))
        here = f"{page}{'&' if '?' in page else '?'}{RESTORED}" if page else ""
    return IdentityCheckRequired(prefix + home_of(person_id) + (f"?next={quote(here)}" if here else ""))


SERVES = Depends(_assisted)


def serve(routes: Iterable[BaseRoute]) -> APIRouter:
    """The same routes for a person whom staff act for."""
    served = APIRouter()
    for route in routes:
        if not isinstance(route, APIRoute) or route.path.endswith(LEFT_OUT):
            continue
        # The views are recorded around all else, and the person is the actor before the route asks who it is.
        others = [one for one in route.dependencies if one is not RECORDS_VIEWS]
        served.add_api_route(
            f"{PREFIX}/{{{PERSON}}}{route.path}",
            route.endpoint,
            methods=sorted(route.methods or ()),
            dependencies=[RECORDS_VIEWS, SERVES, HEADER, *others],
            name=f"assisted_{route.name}",
        )
    return served
