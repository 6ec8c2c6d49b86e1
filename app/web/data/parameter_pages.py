"""One row of a draft on a page: shown, changed, added, removed."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from app.identity.permissions import Action, require
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _
from app.kernel.parsing import whole_number
from app.kernel.problems import NotFound
from app.savings.problems import BaselineImmutable, ParametersInvalid
from app.savings.queries import versions
from app.savings.rules.parameters import CONFIDENCES, DISTRIBUTIONS, KEYS, Parameter
from app.savings.service import baselines
from app.savings.service.baselines import require_version
from app.savings.transactions import kinds_of_services
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.data import labels, numbers, parameter_labels
from app.web.data.baseline import HERE, version_of
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import OK, redirect, show, start_again
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=f"{HERE}/{{version}}/cifra", dependencies=[HEADER])

FIELDS = tuple(field.name for field in fields(Parameter))
TAKEN = N_("Ya hay una cifra de lo mismo: ábrala en la lista para cambiarla.")
CHANGED = N_("Otra persona cambió esta cifra mientras usted escribía. Si la guarda otra vez, quedará como está aquí.")
CHOOSE = N_("Elija una opción.")
NOT_A_NUMBER = N_("Escriba un número, con punto para los decimales.")
NOT_WHOLE = N_("Escriba un número entero.")
# What an integer column holds.
HIGHEST_WHOLE = 2**31 - 1
LABELS = {
    "key": N_("Cifra"),
    "scope": N_("De qué trámite"),
    "place": N_("De qué lugar"),
    "distribution": N_("Forma"),
    "low": N_("Bajo"),
    "value": N_("Valor"),
    "high": N_("Alto"),
    "price_year": N_("Año de los precios"),
    "source": N_("Fuente"),
    "confidence": N_("Confianza"),
    "sample": N_("Observaciones"),
}
Part = Annotated[str, Query(max_length=80)]


@router.get("")
async def row_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    version: int,
    clave: Part = "",
    alcance: Part = "",
    lugar: Part = "",
) -> Response:
    """The form of a row: empty for a new one, else with what it says."""
    require(actor, Action.MANAGE_SAVINGS)
    if not clave:
        return await _row(request, browser, tx, version, SubmittedForm({}), is_new=True)
    parameter = await _parameter(tx, version, clave, alcance, lugar)
    if parameter is None:
        raise NotFound
    values = {name: "" if value is None else _as_text(value) for name, value in asdict(parameter).items()}
    return await _row(request, browser, tx, version, SubmittedForm(values), is_new=False)


async def _parameter(tx: AsyncSession, version: int, *named: str) -> Parameter | None:
    """The row of this key, scope and place, if there is one."""
    return next((f for f in await versions.parameters_of(tx, version) if (f.key, f.scope, f.place) == named), None)


def mark(parameter: Parameter | None) -> str:
    """Return the version tag of a row."""
    return hashlib.sha256(repr(parameter).encode()).hexdigest()[:16] if parameter is not None else ""


def _as_text(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


async def _row(
    request: Request, browser: BrowserSession, tx: AsyncSession, version: int, form: SubmittedForm, *, is_new: bool
) -> Response:
    row = await version_of(tx, version)
    now = await _parameter(tx, version, *(form.get(name) for name in ("key", "scope", "place")))
    if row.published_at is not None:
        raise BaselineImmutable
    scopes = {**parameter_labels.KINDS, **{code: labels.service(code) for code in kinds_of_services()}}
    return show(
        request,
        browser,
        "data/parameter.html",
        errors=form.errors or None,
        field_labels={name: _(label) for name, label in LABELS.items()},
        row=row,
        is_new=is_new,
        typed={name: form.get(name) for name in FIELDS},
        shown=[version, "" if is_new else mark(now)],
        now=now,
        parameter_labels=parameter_labels,
        title=parameter_labels.title(form.get("key"), form.get("scope"), form.get("place")),
        keys=parameter_labels.KEYS,
        units={key: parameter_labels.UNITS[known.unit] for key, known in KEYS.items()},
        scopes=scopes,
        places={**parameter_labels.REGIONS, **labels.STATES},
        distributions=parameter_labels.DISTRIBUTIONS,
        confidences=parameter_labels.CONFIDENCES,
        numbers=numbers,
        is_analyst=True,
        back=f"{HERE}/{version}",
    )


@router.post("")
async def row_sent(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, version: int, form: Effect
) -> Response:
    """Written into the draft; what is wrong stands beside its field."""
    await require_version(tx, actor, version, lock=True)
    is_new = form.get("is_new") == "yes"
    parameter = _read(form)
    now = await _parameter(tx, version, *(form.get(name) for name in ("key", "scope", "place")))
    if not form.holds([version, mark(now)]) and form.refusal is not None and form.refusal.status != OK:
        form.wrong("key", TAKEN if is_new else CHANGED)
    if parameter is not None and not form.errors and form.refusal is None:
        try:
            async with savepoint(tx):
                await baselines.put_parameter(tx, actor, version, parameter)
        except ParametersInvalid as invalid:
            for issue in invalid.fields:
                name = issue.field.partition(".")[2]
                form.wrong("key" if name == "unit" else name, issue.message)
    if form.errors or form.refusal is not None:
        return await _row(request, browser, tx, version, form, is_new=is_new)
    return redirect(request, browser, f"{HERE}/{version}#k-{form.get('key')}")


def _read(form: SubmittedForm) -> Parameter | None:
    """The row as typed; notes what can't be read."""
    key = form.one_of("key", KEYS, CHOOSE)
    distribution = form.one_of("distribution", list(DISTRIBUTIONS), CHOOSE)
    confidence = form.one_of("confidence", list(CONFIDENCES), CHOOSE)
    low, value, high = (_number(form, name) for name in ("low", "value", "high"))
    year, sample = (_whole(form, name) for name in ("price_year", "sample"))
    if value is None and not any(error.field == "value" for error in form.errors):
        form.wrong("value", NOT_A_NUMBER)
    if form.errors or value is None:
        return None
    return Parameter(
        key=key,
        scope=form.get("scope"),
        place=form.get("place"),
        distribution=distribution,  # type: ignore[arg-type] # one of the list
        low=low,
        value=value,
        high=high,
        unit=KEYS[key].unit,
        price_year=year,
        source=form.get("source"),
        confidence=confidence,  # type: ignore[arg-type] # one of the list
        sample=sample,
    )


def _number(form: SubmittedForm, name: str) -> float | None:
    text = form.get(name).replace(",", "")
    try:
        return float(text) if text else None
    except ValueError:
        form.wrong(name, NOT_A_NUMBER)
        return None


def _whole(form: SubmittedForm, name: str) -> int | None:
    text = form.get(name)
    if not text:
        return None
    try:
        return whole_number(text, high=HIGHEST_WHOLE)
    except ValueError:
        form.wrong(name, NOT_WHOLE)
        return None


@router.post("/quitar")
async def row_removed(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, version: int, form: Effect
) -> Response:
    """Remove a row; a wider row counts then."""
    await require_version(tx, actor, version, lock=True)
    now = await _parameter(tx, version, *(form.get(name) for name in ("key", "scope", "place")))
    if not form.holds([version, mark(now)]):
        return start_again(request, browser, form, f"{HERE}/{version}")
    await baselines.delete_parameter(tx, actor, version, *(form.get(name) for name in ("key", "scope", "place")))
    return redirect(request, browser, f"{HERE}/{version}")
