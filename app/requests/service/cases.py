"""A request opened to be changed: the row, its service as it began, the day it is, and the steps it can take; of the
same thing, one at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.workflow import STOPPED_KINDS, ActorKind, Outcome, StateKind, Transition
from app.identity.permissions import Action, may
from app.kernel import clock
from app.kernel.actor import Actor, Citizen, Staff
from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.etags import Versions, require_version
from app.places.queries import days_out_of_terms
from app.registry.models import Person
from app.registry.registrations import Registration
from app.requests.models import Request, WorkItem, queue_of
from app.requests.problems import AlreadyOpen, HelperIsOfficer, ReviewerExcluded, WrongState
from app.requests.queries.facts import load_facts
from app.requests.queries.own import Around, around_request, open_duplicate, opened_request
from app.requests.rules import clock as legal
from app.requests.rules.clock import rank
from app.requests.rules.kinds import Queue, WorkItemKind

MESSAGE_DAYS = 3
"""Working days to answer a message about a request that doesn't wait for staff. The agency's choice."""
MAX_ANSWER_TIME = timedelta(days=550)
NEVER_QUEUED = (StateKind.DRAFT, StateKind.CHECKING)
"""A request that is here has no row of open work, not even for a message."""
_ITEMS = cast("Table", WorkItem.__table__)
_REMOVE_ITEM = delete(_ITEMS).where(_ITEMS.c.unit_id == bindparam("queue"), _ITEMS.c.request_id == bindparam("request"))
_REMOVE_DECISION = _REMOVE_ITEM.where(_ITEMS.c.kind == literal(WorkItemKind.DECISION.value))
_ITEM = (
    select(WorkItem)
    .where(WorkItem.unit_id == bindparam("queue"), WorkItem.request_id == bindparam("request"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ADD_ITEM = insert(_ITEMS)
_ADD_MESSAGE = insert(_ITEMS).on_conflict_do_nothing()


@dataclass(slots=True)
class Case:
    """What a step needs."""

    request: Request
    service: Service
    person: Person
    today: date
    days_off: frozenset[date]
    zone: str
    registered: Registration | None = None
    """What an effect has just written of a dependant: an undo needs it."""
    facts: Facts | None = None
    """What the rules decide on, once it was read (`facts_of`); None again when answers or registry change."""
    has_item: bool = False
    """Whether a row of open work may have to go when the state is written."""

    @classmethod
    def of(cls, request: Request, service: Service, around: Around) -> "Case":
        """A case, today."""
        return cls(request, service, around.person, clock.today(around.zone), around.days_off, around.zone)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment by the unit's clock."""
        return clock.local_day(moment, self.zone)

    @property
    def clock(self) -> legal.Clock:
        row = self.request
        return legal.Clock(row.target_days, row.spent_days, row.running_since, row.due_on)

    def set_clock(self, now: legal.Clock) -> None:
        row = self.request
        row.spent_days, row.running_since, row.due_on = now.spent, now.running_since, now.due_on

    def show_due_date(self) -> None:
        """The person is shown until when it is decided, as the effect of what they did."""
        self.request.known_due_on = self.request.due_on

    def transition(self, action: str, who: ActorKind) -> Transition:
        """Return the transition of this action from the request's state.

        Raises:
            WrongState: there is none for this actor.
        """
        found = self.service.workflow.allowed_transition(self.request.status, action, who)
        if found is None:
            raise WrongState
        return found

    def upholds(self, transition: Transition) -> bool:
        """Return whether this transition upholds the refusal under appeal."""
        workflow = self.service.workflow
        is_refused = workflow.states[transition.target].outcome is Outcome.REFUSED
        return is_refused and self.request.status in workflow.appeal_states()

    def fact(self, kind: Any, **more: Any) -> Any:
        """A fact about this request."""
        row = self.request
        return kind(
            subject_id=row.id,
            person_id=row.person_id,
            unit_id=row.unit_id,
            service=row.service,
            service_version=row.service_version,
            folio=row.folio,
            **more,
        )


def party_of(actor: Actor) -> ActorKind:
    """The part an actor plays in a workflow."""
    if isinstance(actor, Citizen):
        return "citizen"
    if isinstance(actor, Staff):
        return "supervisor" if may(actor, Action.SUPERVISE_REQUESTS) else "officer"
    return "system"


async def open_case(session: AsyncSession, actor: Actor, folio: str, *, version: Versions = None) -> Case:
    """The request of this folio, locked, with all a step needs.

    Raises:
        NotFound: it isn't the actor's to see.
        Stale: it isn't at `version` any more. HelperIsOfficer: who helps the actor works on it.
    """
    request, around = await opened_request(session, actor, folio)
    require_version(version, request.version)
    await exclude_helper(session, actor, request)
    return Case.of(request, await service_version(session, request.service, request.service_version), around)


def _took_part(staff_id: UUID, row: Request) -> bool:
    """Whether they proposed the refusal of a request, or decided it."""
    return staff_id in (row.proposed_by, row.decided_by, *row.refused_by)


async def may_not_help(session: AsyncSession, actor: Actor, row: Request) -> bool:
    """Whether `exclude_helper` would refuse who helps the actor: a page says so before anything is sent."""
    if not isinstance(actor, Citizen) or actor.helper is None:
        return False
    staff_id = actor.helper.staff.staff_id
    if _took_part(staff_id, row):
        return True
    held = select(WorkItem.excluded_ids).where(
        WorkItem.unit_id == queue_of(row.unit_id),
        WorkItem.request_id == row.id,
        WorkItem.holder_id == staff_id,
        or_(WorkItem.lease_until.is_(None), WorkItem.lease_until > clock.now()),
    )
    excluded = await session.scalar(held)
    return excluded is not None and staff_id not in excluded


async def exclude_helper(session: AsyncSession, actor: Actor, row: Request) -> None:
    """Keep the member of staff who helps a person with a request, locked, from deciding it and from answering its
    messages, from their first step on and for good.

    Raises:
        HelperIsOfficer: they have it or its message, or took part in a decision of it.
    """
    if not isinstance(actor, Citizen) or actor.helper is None:
        return
    staff_id = actor.helper.staff.staff_id
    if _took_part(staff_id, row):
        raise HelperIsOfficer
    if staff_id not in row.excluded_ids:
        row.excluded_ids = [*row.excluded_ids, staff_id]
    item = await session.scalar(_ITEM, {"queue": queue_of(row.unit_id), "request": row.id})
    if item is None or staff_id in item.excluded_ids:
        return
    if item.holder_id == staff_id:
        if item.lease_until is None or item.lease_until > clock.now():
            raise HelperIsOfficer
        item.holder_id = item.lease_until = item.claim_key = None
    item.excluded_ids = excluded_from(WorkItemKind(item.kind), row)


def excluded_from(kind: WorkItemKind, row: Request) -> list[UUID]:
    """Who may not have an item of a request. Who took part in a refusal doesn't decide on its appeal, but answers a
    message about it; who helped the person does neither."""
    if kind is WorkItemKind.MESSAGE:
        return [one for one in row.excluded_ids if one not in row.refused_by]
    return row.excluded_ids


def require_no_helper(row: Request, actor: Staff) -> None:
    """Go on unless this member of staff helped the person with the request: they answer no message of theirs.

    Raises:
        ReviewerExcluded.
    """
    if actor.staff_id in excluded_from(WorkItemKind.MESSAGE, row):
        raise ReviewerExcluded


async def case_of(session: AsyncSession, request: Request) -> Case:
    """The case of a request that was read already."""
    service = await service_version(session, request.service, request.service_version)
    return Case.of(request, service, await around_request(session, request.person_id, request.unit_id))


async def facts_of(session: AsyncSession, case: Case) -> Facts:
    """What the rules decide on, read once while neither the answers nor the registry change."""
    if case.facts is None:
        case.facts = await load_facts(session, case.service, case.person, case.request.answers, case.today)
    return case.facts


async def term_non_working_days(session: AsyncSession, case: Case) -> frozenset[date]:
    """The days that the citizen's terms leave out: those on which the unit doesn't attend, and those of the law. The
    longer count is theirs."""
    return case.days_off | await days_out_of_terms(session, case.today, case.today + MAX_ANSWER_TIME)


async def apply_transition(session: AsyncSession, case: Case, transition: Transition) -> None:
    """Apply a transition: state, clock and work item together."""
    move(case, transition)
    await write_state(session, case)


def move(case: Case, transition: Transition) -> None:
    """The state and clock after a transition, still to be written by `write_state`. Several moves are written at
    once."""
    row, state = case.request, case.service.workflow.states[transition.target]
    case.has_item = case.has_item or StateKind(row.kind) not in NEVER_QUEUED
    row.status, row.kind, row.outcome = transition.target, state.kind, state.outcome
    row.version += 1
    row.changed_at = clock.now()
    row.stopped_at = row.changed_at if state.kind in STOPPED_KINDS else None
    if state.kind in STOPPED_KINDS or state.kind is StateKind.FINAL:
        due_on = row.due_on
        case.set_clock(legal.stop(case.clock, case.today, case.days_off))
        if state.kind is StateKind.FINAL:
            row.due_on = due_on  # unchanged: whether it was met is measured
    elif state.kind is StateKind.REVIEW:
        case.set_clock(legal.resume(case.clock, case.today, case.days_off))
    if state.kind not in STOPPED_KINDS:
        row.answer_by = None


async def write_state(session: AsyncSession, case: Case) -> None:
    """Write the request, and keep one work item exactly while it waits for staff. A message that waits for an answer is
    read with the request when that waits for staff again; otherwise it goes on waiting."""
    await session.flush()
    row = case.request
    role = case.service.workflow.states[row.status].role
    key = {"queue": queue_of(row.unit_id), "request": row.id}
    if case.has_item:
        await session.execute(_REMOVE_DECISION if role is None else _REMOVE_ITEM, key)
    case.has_item = role is not None
    if role is None or row.due_on is None or row.submitted_at is None:
        return
    is_appeal = row.status in case.service.workflow.appeal_states()
    item = {"role": role, "due_on": row.due_on, "is_appeal": is_appeal, "kind": WorkItemKind.DECISION}
    await session.execute(_ADD_ITEM, _work(case) | item)


async def enqueue_message(session: AsyncSession, case: Case) -> None:
    """Put a citizen's message into the queue, when the request itself isn't there: decided, or waiting for the
    citizen. Another message while one waits changes nothing."""
    row = case.request
    if row.submitted_at is None or case.service.workflow.states[row.status].role is not None:
        return
    due_on = legal.add_working_days(case.today, MESSAGE_DAYS, case.days_off)
    message = {
        "role": Queue.OFFICER,
        "kind": WorkItemKind.MESSAGE,
        "due_on": due_on,
        "submitted_at": clock.now(),
        "excluded_ids": excluded_from(WorkItemKind.MESSAGE, row),
    }
    work = _work(case) | message | {"rank_on": rank(due_on, row.priority_days), "is_appeal": False}
    await session.execute(_ADD_MESSAGE, work)


def _work(case: Case) -> dict[str, Any]:
    row = case.request
    return {
        "unit_id": queue_of(row.unit_id),
        "request_id": row.id,
        "person_id": row.person_id,
        "folio": row.folio,
        "service": row.service,
        "rank_on": rank(row.due_on, row.priority_days) if row.due_on else None,
        "submitted_at": row.submitted_at,
        "language": case.person.language,
        "excluded_ids": row.excluded_ids,
    }


async def refuse_duplicate(session: AsyncSession, person_id: UUID, service: str, key: str) -> None:
    """Show the open request rather than make another.

    Raises:
        AlreadyOpen: with its folio.
    """
    folio = await open_duplicate(session, person_id, service, key)
    if folio is not None:
        raise AlreadyOpen(extra={"folio": folio})


@asynccontextmanager
async def only_one(session: AsyncSession, person_id: UUID, service: str, key: str) -> AsyncIterator[None]:
    """Write a request as open: checked before, and again on a concurrent insert.

    Raises:
        AlreadyOpen: with the folio of the open one.
    """
    await refuse_duplicate(session, person_id, service, key)
    async with guard_duplicate(session, person_id, service, key):
        yield


@asynccontextmanager
async def guard_duplicate(session: AsyncSession, person_id: UUID, service: str, key: str) -> AsyncIterator[None]:
    """Write a request as open that was found to be the only one a moment ago.

    Raises:
        AlreadyOpen: with the folio of the one opened since.
    """
    try:
        async with savepoint(session):
            yield
    except IntegrityError as error:
        if constraint_of(error) == "uq_request_open":
            await refuse_duplicate(session, person_id, service, key)
        raise
