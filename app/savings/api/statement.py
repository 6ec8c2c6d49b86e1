"""A person's own statement of a year, and their corrections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from app.identity.dependencies import CitizenApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read, Tx
from app.kernel.problems import NotFound, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.savings import problems
from app.savings.rules.statement import OwnTransaction
from app.savings.rules.uncertainty import Interval
from app.savings.schemas import (
    CorrectionIn,
    IntervalOut,
    OwnSavingsOut,
    OwnTransactionOut,
    StatementLineOut,
    StatementOut,
    what_is_left_out,
)
from app.savings.service import statement

router = APIRouter(prefix="/api/v1/me/savings", tags=["metrics"], dependencies=[RECORDS_VIEWS])
PersonId = Annotated[UUID | None, Query(description="A child from `/me/family`; by default the caller.")]
Year = Annotated[int | None, Query(ge=1990, le=2100, description="By default the current one.")]


@router.get(
    "",
    operation_id="get_own_savings",
    summary="What the portal saved me in a year",
    responses=problem_responses(Unauthorized, NotFound, problems.ParameterMissing),
)
async def get_own_savings(actor: CitizenApi, read: Read, year: Year = None, person_id: PersonId = None) -> StatementOut:
    """In all and by transaction, newest first, with 90 % intervals of the averages that it rests on. Time and money are
    never added together."""
    mine = await statement.statement_of(read, actor, year, person_id=person_id)
    record_views(actor, ViewContext.LIST, {mine.person.id: mine.person.unit_id})
    return StatementOut(
        person_id=mine.person.id,
        year=mine.year,
        first_year=mine.first_year,
        version=mine.version,
        prices=mine.prices,
        counted=mine.counted,
        total=OwnSavingsOut(hours=_interval(mine.total.hours), mxn=_interval(mine.total.mxn)),
        transactions=[
            StatementLineOut(
                **_transaction(line.transaction).model_dump(),
                saved=OwnSavingsOut(hours=_interval(line.saved.hours), mxn=_interval(line.saved.mxn)),
                is_correctable=line.is_correctable,
            )
            for line in mine.lines
        ],
        leaves_out=what_is_left_out(),
    )


def _interval(one: Interval) -> IntervalOut:
    return IntervalOut(value=one.median, low=one.low, high=one.high)


def _transaction(one: OwnTransaction) -> OwnTransactionOut:
    return OwnTransactionOut(
        id=one.id,
        service=one.service,
        day=one.day,
        unit_id=one.unit_id,
        outcome=one.outcome,
        is_counted=one.is_counted,
        is_repeat=one.is_repeat,
        is_followed_by_visit=one.is_followed_by_visit,
        would_have_visited=one.would_have_visited,
        correction=one.correction,
    )


@router.put(
    "/{transaction_id}/correction",
    operation_id="correct_own_transaction",
    summary="Say what I would have done without the portal",
    responses=problem_responses(Unauthorized, problems.TransactionUnknown, problems.CorrectionClosed),
)
async def correct_own_transaction(
    actor: CitizenApi, tx: Tx, transaction_id: Annotated[UUID, Path()], body: CorrectionIn
) -> OwnTransactionOut:
    """It takes the place of what was said before; null takes it back. The same again changes nothing."""
    return _transaction(await statement.correct(tx, actor, transaction_id, body.correction))
