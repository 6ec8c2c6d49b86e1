"""Kiosks and boards of one's units, for supervisors: list, add, new pairing code, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.identity.permissions import Action, require
from app.identity.problems import DeviceIsRevoked, WrongRole
from app.identity.service import unit_devices
from app.identity.service.unit_devices import CODE_MINUTES, PairingCode
from app.kernel.actor import DeviceKind, Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import one_line
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_clues, units_by_id
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.labels import DEVICE_KINDS
from app.web.rendering import redirect, show
from app.web.staff.header import HEADER, done
from app.web.staff.unit_choice import FIELD, unit_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.identity.models import DeviceToken

PAGE = "/ventanilla/aparatos"
MAX_NAME = 80

router = APIRouter(prefix=PAGE, dependencies=[HEADER])


@router.get("")
async def list_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Those in use first."""
    return await _list(request, browser, actor, tx)


async def _list(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    require(actor, Action.MANAGE_DEVICES)
    listed = await unit_devices.list_devices(tx, actor)
    for one in listed:
        await tx.refresh(one)
    units = {unit.id: unit for unit in await units_by_id(tx, {one.unit_id for one in listed})}
    choice = await unit_choice(tx, actor, Action.MANAGE_DEVICES, request.query_params.get(FIELD))
    return show(
        request,
        browser,
        "staff/devices.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        choice=choice,
        typed=form.values if form else {"clues": choice.unit.clues if choice.unit else ""},
        listed=[(one, units.get(one.unit_id), _facts(one)) for one in listed],
        kinds=DEVICE_KINDS,
        anchors={"kind": "kind-kiosk"},
        back="/ventanilla",
    )


def _facts(device: DeviceToken) -> list[object]:
    return [device.id, device.version]


@router.post("")
async def add(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the code to type on it; sent twice, the same one."""
    require(actor, Action.MANAGE_DEVICES)
    name = form.parsed("name", one_line, N_("Escriba un nombre, como «Entrada»."))[:MAX_NAME]
    kind = form.one_of("kind", [one.value for one in DeviceKind], N_("Elija si es un quiosco o una pantalla."))
    clues = form.required("clues", N_("Escriba la clave CLUES de la unidad."))
    made = None
    if form.holds([]) and not form.errors:
        try:
            unit = await unit_by_clues(tx, clues)
            made = await unit_devices.add_device(tx, actor, unit.id, DeviceKind(kind), name)
        except (NotFound, WrongRole):
            form.wrong("clues", N_("No hay una unidad suya con esa clave: revise que sea como DFIMS000266."))
    if made is None:
        return await _list(request, browser, actor, tx, form)
    return await _code(request, browser, tx, made)


async def _code(request: Request, browser: BrowserSession, tx: AsyncSession, made: PairingCode) -> Response:
    return show(
        request,
        browser,
        "staff/device_code.html",
        device=made.device,
        units=await units_by_id(tx, [made.device.unit_id]),
        code=made.in_threes,
        minutes=CODE_MINUTES,
        kinds=DEVICE_KINDS,
        back=PAGE,
    )


@router.post("/{device_id}/codigo")
async def issue_code(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, device_id: UUID
) -> Response:
    """Another code: the device goes on with its token until the code is typed."""
    device = await unit_devices.own_device(tx, actor, device_id, lock=True)
    if not form.holds(_facts(device)):
        return await _list(request, browser, actor, tx, form)
    try:
        async with savepoint(tx):
            made = await unit_devices.issue_code(tx, actor, device_id)
    except DeviceIsRevoked as problem:
        return await _list(request, browser, actor, tx, form, problem)
    return await _code(request, browser, tx, made)


@router.post("/{device_id}/baja")
async def revoke(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, device_id: UUID
) -> Response:
    """Its token ends with its next request."""
    device = await unit_devices.own_device(tx, actor, device_id, lock=True)
    if not form.holds(_facts(device)):
        return await _list(request, browser, actor, tx, form)
    await unit_devices.revoke_device(tx, actor, device_id)
    return redirect(request, browser, done(PAGE, "aparato"))
