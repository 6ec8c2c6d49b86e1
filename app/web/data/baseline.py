"""Versions of the parameters, for analysts: the list, a draft with its rows, its history, and its publication."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from app.identity.permissions import Action, require
from app.kernel import clock
from app.kernel.db import savepoint
from app.kernel.http.pages import page_form
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date, one_line, whole_number
from app.kernel.problems import FieldError, Problem
from app.places.rules import DEFAULT_ZONE
from app.savings.problems import BaselineUnknown, ParametersInvalid
from app.savings.queries import versions
from app.savings.queries.versions import history_of
from app.savings.rules.groups import month_after
from app.savings.service import baselines, calibration, csv_io
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.data import numbers, parameter_labels
from app.web.data.filters import last_year
from app.web.data.method import by_key, changes, figures_csv, notes_of
from app.web.effects import Effect, owner_of
from app.web.forms import SubmittedForm
from app.web.notices import notice
from app.web.rendering import finish, redirect, show
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.savings.models import Baseline as BaselineRow

HERE = "/datos/linea-base"
router = APIRouter(prefix=HERE, dependencies=[HEADER])

NOTE_MISSING = N_("Diga para qué es esta versión.")
FILE_MISSING = N_("Elija el archivo CSV.")
NOT_TEXT = N_("El archivo no es de texto en UTF-8. Guárdelo como CSV UTF-8.")
NO_MONTH = N_("Escriba el mes como 2026-05.")
BACKWARDS = N_("El último mes es anterior al primero.")


@router.get("")
async def versions_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Every version, and the way to a new one."""
    require(actor, Action.MANAGE_SAVINGS)
    return await _versions(request, browser, tx, SubmittedForm({}))


@router.post("")
async def draft_started(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect
) -> Response:
    """A draft with the rows of the newest version."""
    require(actor, Action.MANAGE_SAVINGS)
    note = form.parsed("note", one_line, NOTE_MISSING)
    if not form.holds(await _listed(tx)) or form.errors:
        return await _versions(request, browser, tx, form)
    try:
        async with savepoint(tx):
            made = await baselines.start_draft(tx, actor, note)
    except Problem as problem:
        return await _versions(request, browser, tx, form, problem)
    return redirect(request, browser, f"{HERE}/{made.version}")


@router.post("/medir")
async def measured(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """What was measured in these months goes into the draft."""
    require(actor, Action.MANAGE_SAVINGS)
    since, until = (_month(form, name) for name in ("since", "until"))
    if since and until and until < since:
        form.wrong("until", BACKWARDS)
    if not form.holds(await _listed(tx)) or form.errors or since is None or until is None:
        return await _versions(request, browser, tx, form)
    done = await calibration.measure(tx, actor, since, month_after(until) - timedelta(days=1))
    return redirect(request, browser, f"{HERE}/{done.version}?medidas={done.parameters}")


def _month(form: SubmittedForm, name: str) -> date | None:
    text = form.get(name)
    try:
        return iso_date(f"{text}-01")
    except ValueError:
        form.wrong(name, NO_MONTH)
        return None


async def _versions(
    request: Request, browser: BrowserSession, tx: AsyncSession, form: SubmittedForm, problem: Problem | None = None
) -> Response:
    since, until = last_year(clock.today(DEFAULT_ZONE))
    return show(
        request,
        browser,
        "data/versions.html",
        status=problem.status if problem else 200,
        errors=form.errors or None,
        problem=problem,
        versions=await versions.list_baselines(tx),
        shown=await _listed(tx),
        draft=await versions.draft_of(tx),
        typed={"since": f"{since:%Y-%m}", "until": f"{until:%Y-%m}", "note": ""} | dict(form.values),
        here=HERE,
        is_analyst=True,
    )


async def _listed(tx: AsyncSession) -> list[object]:
    """The versions as the list shows them, and what the draft says."""
    draft = await versions.draft_of(tx)
    listed = [[one.version, one.published_at, one.created_at] for one in await versions.list_baselines(tx)]
    return [listed, await versions.mark_of(tx, draft.version) if draft else ""]


async def _parameters(tx: AsyncSession, row: BaselineRow) -> list[object]:
    """A draft, whichever took its number, with its figures."""
    return [row.version, row.created_at, row.published_at, await versions.mark_of(tx, row.version)]


async def version_of(tx: AsyncSession, version: int) -> BaselineRow:
    """A version, draft or published.

    Raises:
        BaselineUnknown: there is none.
    """
    row = next((one for one in await versions.list_baselines(tx) if one.version == version), None)
    if row is None:
        raise BaselineUnknown
    return row


@router.get("/{version}")
async def version_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, version: int) -> Response:
    """Its rows; of a draft also what can be done with it."""
    require(actor, Action.MANAGE_SAVINGS)
    measured = notice(request, owner_of(browser), "medidas")
    return await _version(request, browser, tx, version, measured=whole_number(measured) if measured else None)


async def _version(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    version: int,
    *,
    errors: list[FieldError] | None = None,
    wrong_rows: list[FieldError] | None = None,
    measured: int | None = None,
) -> Response:
    row = await version_of(tx, version)
    parameters = await versions.parameters_of(tx, version)
    return show(
        request,
        browser,
        "data/version.html",
        errors=errors,
        anchors={"file": "file"},
        wrong_rows=wrong_rows or [],
        row=row,
        by_key=by_key(parameters),
        notes_of=notes_of,
        history=await history_of(tx, version),
        measured=measured,
        shown=await _parameters(tx, row),
        parameter_labels=parameter_labels,
        numbers=numbers,
        here="",
        is_analyst=True,
        back=HERE,
    )


@router.get("/{version}/cifras.csv")
async def figures_file(actor: StaffWeb, tx: Tx, version: int) -> Response:
    """Its rows for a spreadsheet; sent back, they take the place of the draft's."""
    require(actor, Action.MANAGE_SAVINGS)
    await version_of(tx, version)
    return figures_csv(version, await versions.parameters_of(tx, version))


@router.post("/{version}/archivo")
async def figures_sent(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, version: int
) -> Response:
    """The draft's rows are those of the file, all of them or none."""
    held = await baselines.require_version(tx, actor, version, lock=True)
    if not form.holds(await _parameters(tx, held)):
        return await _version(request, browser, tx, version)
    sent = (await page_form(request)).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return await _version(request, browser, tx, version, errors=[FieldError("file", FILE_MISSING)])
    try:
        text = (await sent.read()).decode("utf-8-sig")
        async with savepoint(tx):
            await baselines.replace_parameters(tx, actor, version, csv_io.from_csv(text))
    except UnicodeDecodeError:
        return await _version(request, browser, tx, version, errors=[FieldError("file", NOT_TEXT)])
    except ParametersInvalid as invalid:
        errors = [FieldError("file", ParametersInvalid.title)]
        return await _version(request, browser, tx, version, errors=errors, wrong_rows=list(invalid.fields))
    return redirect(request, browser, f"{HERE}/{version}")


@router.get("/{version}/descartar")
async def discard_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, version: int) -> Response:
    """What would be lost, before it is."""
    require(actor, Action.MANAGE_SAVINGS)
    return await _discard(request, browser, tx, version)


async def _discard(request: Request, browser: BrowserSession, tx: AsyncSession, version: int) -> Response:
    row = await version_of(tx, version)
    shown = await _parameters(tx, row)
    return show(request, browser, "data/discard.html", row=row, shown=shown, back=f"{HERE}/{version}")


@router.post("/{version}/descartar")
async def discarded(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, version: int
) -> Response:
    """There is no draft any more; unless it changed, or another draft has its number meanwhile."""
    held = await baselines.require_version(tx, actor, version, lock=True)
    if not form.holds(await _parameters(tx, held)):
        return await _discard(request, browser, tx, version)
    await baselines.discard(tx, actor, version)
    return redirect(request, browser, HERE)


@router.get("/{version}/publicar")
async def publish_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, version: int) -> Response:
    """What would change, before it can't be undone."""
    require(actor, Action.MANAGE_SAVINGS)
    return await _publish(request, browser, tx, version)


async def _publish(request: Request, browser: BrowserSession, tx: AsyncSession, version: int) -> Response:
    row = await version_of(tx, version)
    older = [one for one in await versions.list_baselines(tx) if one.published_at and one.version < version]
    before = await versions.parameters_of(tx, older[0].version) if older else []
    return show(
        request,
        browser,
        "data/publish.html",
        row=row,
        before=older[0] if older else None,
        changed=changes(before, await versions.parameters_of(tx, version)),
        parameter_labels=parameter_labels,
        shown=await _parameters(tx, row),
        back=f"{HERE}/{version}",
    )


@router.post("/{version}/publicar")
async def published(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, version: int
) -> Response:
    """In force from now on: the figures that the page listed."""
    held = await baselines.require_version(tx, actor, version, lock=True)
    if not form.holds(await _parameters(tx, held)):
        return await _publish(request, browser, tx, version)
    await baselines.publish(tx, actor, version)
    return finish(request, browser, form, f"{HERE}/{version}")
