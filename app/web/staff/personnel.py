"""Members of staff, for administrators: list, add, change, deactivate, reactivate, reset password and authenticator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.identity.permissions import Action, require
from app.identity.problems import LastAdministrator, OwnAccount, UsernameTaken
from app.identity.rules import is_staff_name, is_username
from app.identity.service import staff_accounts, staff_setup
from app.identity.service.staff import WRONG_STAFF_NAME, WRONG_USERNAME
from app.identity.service.staff_accounts import LIST_LIMIT, Placement
from app.identity.service.staff_setup import SetupLink
from app.kernel.actor import Role, Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.idempotency import KEY_FIELD
from app.kernel.parsing import whole_number
from app.kernel.problems import Invalid, NotFound, Problem, Stale
from app.places.queries import unit_by_clues, units_by_id
from app.requests.service import assignment
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.forms import SubmittedForm, WholeForm, new_key
from app.web.labels import STAFF_ROLES
from app.web.rendering import redirect, refused, show
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import ListQuery
from app.web.staff.search import store_search, stored_search
from app.web.staff.unit_choice import FIELD, UnitChoice, unit_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla/personal", dependencies=[HEADER])

PAGE = "/ventanilla/personal"
MAX_UNITS = 100
NO_SUCH_UNIT = N_("No hay una unidad con alguna de esas claves: revise que cada una sea como DFIMS000266.")


@router.get("")
async def list_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """By user name, some dozens a page; with the number of a stored search, what it finds now."""
    require(actor, Action.MANAGE_STAFF)
    asked = ListQuery(request)
    words = asked.parsed("b", lambda number: _stored(browser, number))
    despues = asked.parsed("despues", UUID)
    asked.done()
    if words:
        return _list(request, browser, await staff_accounts.list_staff(tx, words=words), words)
    return _list(request, browser, await staff_accounts.list_staff(tx, after=despues))


def _stored(browser: BrowserSession, number: str) -> str:
    words = stored_search(browser, "staff_searches", number)
    if words is None:
        raise ValueError(number)
    return words


@router.post("/buscar")
async def search(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, form: WholeForm) -> Response:
    """By user name or name: sent, not asked in the address, since names are personal data."""
    require(actor, Action.MANAGE_STAFF)
    words = form.get("q")[:120].replace("\x00", "")
    query = urlencode({"b": store_search(browser, "staff_searches", words)}) if words else ""
    return redirect(request, browser, f"{PAGE}?{query}" if query else PAGE)


def _list(request: Request, browser: BrowserSession, members: list[Any], words: str = "") -> Response:
    more = members[-1].id if len(members) == LIST_LIMIT and not words else None
    return show(
        request,
        browser,
        "staff/personnel.html",
        members=members,
        roles=STAFF_ROLES,
        q=words,
        more=more,
        back="/ventanilla",
    )


@router.get("/nuevo")
async def add_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """User name, name, role and units; they set their own password and authenticator."""
    return await _add(request, browser, actor, tx)


async def _add(
    request: Request, browser: BrowserSession, actor: Staff, tx: AsyncSession, form: SubmittedForm | None = None
) -> Response:
    choice = await unit_choice(tx, actor, Action.MANAGE_STAFF, request.query_params.get(FIELD))
    return show(
        request,
        browser,
        "staff/personnel_new.html",
        errors=form.errors if form else None,
        choice=choice,
        typed=form.values if form else _with_unit({"units": ""}, choice),
        roles=STAFF_ROLES,
        shown=[],
        anchors={"role": "role-receptionist"},
        back=PAGE,
    )


@router.post("/nuevo")
async def add(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the link to hand over; sent twice, the same one."""
    require(actor, Action.MANAGE_STAFF)
    username = form.required("username", N_("Escriba el nombre de usuario."))
    if username and not is_username(username):
        form.wrong("username", WRONG_USERNAME)
    full_name = form.required("full_name", N_("Escriba el nombre completo."))
    if full_name and not is_staff_name(full_name):
        form.wrong("full_name", WRONG_STAFF_NAME)
    placement = await _placement(tx, form)
    if not form.holds([]) or placement is None:
        return await _add(request, browser, actor, tx, form)
    try:
        link = await staff_setup.create_staff(
            tx, actor, username=username, full_name=full_name, placement=placement, key=_key(form)
        )
    except UsernameTaken as problem:
        page = await _add(request, browser, actor, tx, form)
        return refused(form, "username", problem, lambda: page)
    return await _link(request, browser, tx, link)


async def _placement(tx: AsyncSession, form: SubmittedForm) -> Placement | None:
    """Role and units as typed; None when something is wrong, noted at its field."""
    role = form.one_of("role", list(STAFF_ROLES), N_("Elija el puesto."))
    unit_ids: set[UUID] | None = None
    keys = form.get("units").replace(",", " ").split()
    if form.get("all_units") != "yes":
        unit_ids = set()
        if not keys:
            form.wrong("units", N_("Escriba la clave CLUES de cada unidad, o marque que trabaja para todas."))
        elif len(keys) > MAX_UNITS:
            form.wrong("units", N_("Son hasta 100 unidades; para más, marque que trabaja para todas."))
        else:
            try:
                unit_ids = {(await unit_by_clues(tx, key)).id for key in dict.fromkeys(keys)}
            except NotFound:
                form.wrong("units", NO_SUCH_UNIT)
    return None if form.errors else Placement(Role(role), None if unit_ids is None else frozenset(unit_ids))


def _key(form: SubmittedForm) -> str:
    return form.get(KEY_FIELD)[:100] or new_key()


def _version(form: SubmittedForm) -> int:
    """The version that the page showed.

    Raises:
        Stale: it isn't one.
    """
    try:
        return whole_number(form.get("version"))
    except ValueError as error:
        raise Stale from error


async def _link(request: Request, browser: BrowserSession, tx: AsyncSession, link: SetupLink) -> Response:
    member = await staff_accounts.staff_member(tx, link.staff_id)
    return show(
        request,
        browser,
        "staff/personnel_link.html",
        member=member,
        link=link,
        hours=staff_setup.LINK_HOURS,
        back=f"{PAGE}/{member.id}",
    )


@router.get("/{staff_id}")
async def member_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, staff_id: UUID
) -> Response:
    """Who they are, and what can be done."""
    require(actor, Action.MANAGE_STAFF)
    return await _member(request, browser, actor, tx, staff_id)


async def _member(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    staff_id: UUID,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    """The page as things are now; with what was typed after a refusal."""
    member = await staff_accounts.staff_member(tx, staff_id)
    await tx.refresh(member)
    placement = await staff_accounts.current_placement(tx, member)
    units = await units_by_id(tx, placement.unit_ids or ())
    choice = await unit_choice(tx, actor, Action.MANAGE_STAFF, request.query_params.get(FIELD))
    known = _with_unit(_typed(placement, units), choice)
    typed: Any = form.values if form is not None and "role" in form.values else known
    return show(
        request,
        browser,
        "staff/personnel_member.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        member=member,
        authenticator=staff_setup.authenticator_state(member),
        units=units,
        choice=choice,
        typed=typed,
        roles=STAFF_ROLES,
        is_own=member.id == actor.staff_id,
        shown=[member.id, member.version],
        anchors={"role": "role-receptionist"},
        back=PAGE,
    )


def _with_unit(typed: dict[str, str], choice: UnitChoice) -> dict[str, str]:
    """What the fields have, and the unit that was chosen besides."""
    named = typed["units"].split()
    if choice.unit is not None and choice.unit.clues not in named:
        named.append(choice.unit.clues)
    return typed | {"units": " ".join(named)}


def _typed(placement: Placement, units: Collection[Any]) -> dict[str, str]:
    return {
        "role": placement.role.value,
        "all_units": "yes" if placement.unit_ids is None else "",
        "units": " ".join(unit.clues for unit in units),
    }


@router.post("/{staff_id}/puesto")
async def change(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, staff_id: UUID
) -> Response:
    """Another role, other units: from their next click on. What they may no longer work on goes back to the queue."""
    require(actor, Action.MANAGE_STAFF)
    placement = await _placement(tx, form)
    if not await _holds(tx, staff_id, form) or placement is None:
        return await _member(request, browser, actor, tx, staff_id, form)

    async def work() -> object:
        return await assignment.change_staff(
            tx, actor, staff_id, role=placement.role, unit_ids=placement.unit_ids, version=_version(form)
        )

    return await _done(request, browser, actor, tx, staff_id, form, work)


@router.post("/{staff_id}/desactivar")
async def deactivate(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, staff_id: UUID
) -> Response:
    """Out at once; their work goes back to the queue."""
    require(actor, Action.MANAGE_STAFF)

    async def work() -> object:
        return await assignment.deactivate_staff(tx, actor, staff_id, version=_version(form))

    return await _done(request, browser, actor, tx, staff_id, form, work)


@router.post("/{staff_id}/reactivar")
async def reactivate(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, staff_id: UUID
) -> Response:
    """In again, with the password and authenticator they had."""
    require(actor, Action.MANAGE_STAFF)

    async def work() -> object:
        return await staff_accounts.reactivate_staff(tx, actor, staff_id, version=_version(form))

    return await _done(request, browser, actor, tx, staff_id, form, work)


async def _holds(tx: AsyncSession, staff_id: UUID, form: EffectForm) -> bool:
    """Whether the account is as the page showed it; what acts compares the version again on the locked row."""
    member = await staff_accounts.staff_member(tx, staff_id)
    await tx.refresh(member)
    return form.holds([member.id, member.version])


async def _done(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    staff_id: UUID,
    form: EffectForm,
    work: Callable[[], Awaitable[object]],
) -> Response:
    """Do it and show the account; or show it as it is now, with why not."""
    if not await _holds(tx, staff_id, form):
        return await _member(request, browser, actor, tx, staff_id, form)
    try:
        async with savepoint(tx):
            await work()
    except (Stale, OwnAccount, LastAdministrator, Invalid) as problem:
        return await _member(request, browser, actor, tx, staff_id, form, problem)
    return redirect(request, browser, done(f"{PAGE}/{staff_id}", "guardado"))


@router.post("/{staff_id}/restablecer")
async def reset(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, staff_id: UUID
) -> Response:
    """End the password or the authenticator, and show the link to hand over; sent twice, the same one."""
    require(actor, Action.MANAGE_STAFF)
    what = form.one_of("what", ["password", "authenticator", "both"], N_("Elija qué restablecer."))
    if not await _holds(tx, staff_id, form) or form.errors:
        return await _member(request, browser, actor, tx, staff_id, form)
    try:
        async with savepoint(tx):
            link = await staff_setup.reset_credentials(
                tx,
                actor,
                staff_id,
                key=_key(form),
                password=what != "authenticator",
                authenticator=what != "password",
                version=_version(form),
            )
    except Stale as problem:
        return await _member(request, browser, actor, tx, staff_id, form, problem)
    if staff_id == actor.staff_id:
        browser.row, browser.ended = None, True  # their own sessions ended too
    return await _link(request, browser, tx, link)
