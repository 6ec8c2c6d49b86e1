"""How it is measured: formulas with the figures of a version and their sources, and what the version changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.kernel.http.parameters import Tx
from app.kernel.i18n import _
from app.places.queries import is_demonstration
from app.savings.problems import BaselineUnknown, ParameterMissing
from app.savings.queries import versions
from app.savings.rules.model import COUNTRY
from app.savings.rules.parameters import KEYS, Baseline, Parameter
from app.savings.rules.uncertainty import DRAWS, SEED
from app.savings.service import csv_io
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.data import numbers, parameter_labels
from app.web.rendering import show
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.savings.models import Baseline as BaselineRow

router = APIRouter(prefix="/datos/metodo")

HERE = "/datos/metodo"
EXAMPLE = ("would_have_visited", "visits", "travel_minutes", "wait_minutes", "service_minutes", "preparation_minutes")


@dataclass(frozen=True, slots=True)
class Worked:
    """The formula of time with the middle of each figure, for a kind of transaction: minutes in person, and what of it
    one transaction online counts."""

    kind: str
    parameters: tuple[str, ...]
    in_person: str
    counted: str


@router.get("", dependencies=[HEADER])
async def method_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx) -> Response:
    """With the figures in force."""
    return await _method(request, browser, tx, await versions.newest_version(tx))


@router.get("/{version}", dependencies=[HEADER])
async def method_of_version(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, version: int
) -> Response:
    """With those of an older version, as a report of its time used them."""
    return await _method(request, browser, tx, version)


@router.get("/{version}/cifras.csv")
async def figures_file(_actor: AnonymousWeb, tx: Tx, version: int) -> Response:
    """A published version's figures for a spreadsheet."""
    await published(tx, version)
    return figures_csv(version, await versions.parameters_of(tx, version))


def figures_csv(version: int, parameters: Iterable[Parameter]) -> Response:
    """Figures as a file that can be changed and sent back."""
    headers = {"Content-Disposition": f'attachment; filename="linea-base-{version}.csv"'}
    return PlainTextResponse(csv_io.to_csv(parameters), media_type="text/csv; charset=utf-8", headers=headers)


async def published(session: AsyncSession, version: int) -> BaselineRow:
    """Return a public version.

    Raises:
        BaselineUnknown: there is none, or it is a draft.
    """
    row = next((one for one in await versions.list_baselines(session) if one.version == version), None)
    if row is None or row.published_at is None:
        raise BaselineUnknown
    return row


async def _method(request: Request, browser: BrowserSession, tx: AsyncSession, version: int) -> Response:
    row = await published(tx, version)
    baseline = await versions.baseline_of(tx, version)
    parameters = await versions.parameters_of(tx, version)
    listed = [one for one in await versions.list_baselines(tx) if one.published_at is not None]
    before = next((one for one in listed if one.version < version), None)
    changed = changes(await versions.parameters_of(tx, before.version), parameters) if before else []
    return show(
        request,
        browser,
        "data/method.html",
        private=False,
        row=row,
        newest=listed[0].version,
        versions=listed,
        before=before,
        changed=changed,
        by_key=by_key(parameters),
        notes_of=notes_of,
        worked=list(_worked(baseline)),
        parameter_labels=parameter_labels,
        numbers=numbers,
        draws=numbers.number(DRAWS),
        seed=SEED,
        is_demo=await is_demonstration(tx),
        here=HERE if version == listed[0].version else "",
    )


def by_key(parameters: Iterable[Parameter]) -> list[tuple[str, list[Parameter]]]:
    """Rows under their key, in the order the model speaks of them."""
    order = list(KEYS)
    rows = sorted(parameters, key=lambda one: (order.index(one.key), one.scope, one.place))
    return [(key, list(group)) for key, group in groupby(rows, key=lambda one: one.key)]


def notes_of(parameters: Iterable[Parameter]) -> dict[str, int]:
    """Each different source of these rows with its number, in their order."""
    return {text: number for number, text in enumerate(dict.fromkeys(one.source for one in parameters), start=1)}


def changes(before: Sequence[Parameter], after: Sequence[Parameter]) -> list[tuple[Parameter | None, Parameter | None]]:
    """Rows that are new, changed or removed, each as it was and as it is."""
    old, new = ({one.id: one for one in rows} for rows in (before, after))
    return [(old.get(name), new.get(name)) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def _worked(baseline: Baseline) -> Iterable[Worked]:
    for kind in parameter_labels.KINDS:
        try:
            parameters = [baseline.find(key, kind, COUNTRY) for key in EXAMPLE]
        except ParameterMissing:
            continue
        would_have_visited, visits, travel, wait, service, preparation = (middle(parameter) for parameter in parameters)
        minutes = visits * (travel + wait + service) + preparation
        shown = tuple(numbers.number(middle(one), 2 if one.unit in {"share", "visits"} else 0) for one in parameters)
        yield Worked(
            _(parameter_labels.KINDS[kind]),
            shown,
            numbers.number(minutes),
            numbers.number(would_have_visited * minutes),
        )


def middle(parameter: Parameter) -> float:
    """The likeliest value, or the mean of a share or a measured figure."""
    if parameter.distribution == "beta":
        return parameter.value / (parameter.value + (parameter.high or 0.0))
    return parameter.value
