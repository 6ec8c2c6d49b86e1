"""A request opened to be changed: the row, its service as it began, the day it is, and the steps it can take."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.catalog.rules.workflow import STOPPED_KINDS, ActorKind, Transition
from app.identity.permissions import Action, may
from app.kernel import clock
from app.kernel.actor import Actor, Citizen, Staff
from app.kernel.etags import Versions, require_version
from app.kernel.problems import NotFound
from app.places.queries import days_out_of_terms, zone_of
from app.registry.models import Person
from app.registry.registrations import Registration
from app.requests.models import Request, WorkItem
from app.requests.problems import WrongState
from app.requests.queries.facts import non_working_days
from app.requests.queries.own import own_request
from app.requests.rules import clock as legal
from app.requests.rules.priority import rank

NO_UNIT = UUID(int=0)
MESSAGE_DAYS = 3
"""Working days to answer a message about a request that doesn't wait for staff. The agency's choice."""
"""The queue of requests that belong to no unit: for staff who work at every one."""


MAX_ANSWER_TIME = timedelta(days=550)


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
        return (
            self.request.status in workflow.appeal_states() and workflow.states[transition.target].outcome == "refused"
        )

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
        Stale: it isn't at `version` any more.
    """
    request = await own_request(session, actor, folio, lock=True)
    require_version(version, request.version)
    return await case_of(session, request)


async def case_of(session: AsyncSession, request: Request) -> Case:
    """The case of a request that is already locked."""
    service = await service_version(session, request.service, request.service_version)
    person = await session.get(Person, request.person_id)
    if person is None:
        raise NotFound
    zone = await zone_of(session, request.unit_id)
    today = clock.today(zone)
    return Case(request, service, person, today, await non_working_days(session, request.unit_id, today), zone)


async def term_non_working_days(session: AsyncSession, case: Case) -> frozenset[date]:
    """The days that the citizen's terms leave out: those on which the unit doesn't attend, and those of the law. The
    longer count is theirs."""
    return case.days_off | await days_out_of_terms(session, case.today, case.today + MAX_ANSWER_TIME)


async def apply_transition(session: AsyncSession, case: Case, transition: Transition) -> None:
    """Apply a transition: state, clock and work item together."""
    row, state = case.request, case.service.workflow.states[transition.target]
    row.status, row.kind, row.outcome = transition.target, state.kind, state.outcome
    row.version += 1
    row.changed_at = clock.now()
    row.stopped_at = row.changed_at if state.kind in STOPPED_KINDS else None
    if state.kind in STOPPED_KINDS or state.kind == "final":
        due_on = row.due_on
        case.set_clock(legal.stop(case.clock, case.today, case.days_off))
        if state.kind == "final":
            row.due_on = due_on  # unchanged: whether it was met is measured
    elif state.kind == "review":
        case.set_clock(legal.resume(case.clock, case.today, case.days_off))
    if state.kind not in STOPPED_KINDS:
        row.answer_by = None
    await session.flush()
    await sync_work_item(session, case)


async def sync_work_item(session: AsyncSession, case: Case) -> None:
    """Keep one work item exactly while the request waits for staff. A message that waits for an answer is read with
    the request when that waits for staff again; otherwise it goes on waiting."""
    row = case.request
    role = case.service.workflow.states[row.status].role
    removal = delete(WorkItem).where(WorkItem.unit_id == queue_of(row.unit_id), WorkItem.request_id == row.id)
    if role is None:
        removal = removal.where(WorkItem.kind == "decision")
    await session.execute(removal)
    if role is None or row.due_on is None or row.submitted_at is None:
        return
    is_appeal = row.status in case.service.workflow.appeal_states()
    await session.execute(
        insert(WorkItem).values(_work(case) | {"role": role, "due_on": row.due_on, "is_appeal": is_appeal})
    )


async def enqueue_message(session: AsyncSession, case: Case) -> None:
    """Put a citizen's message into the queue, when the request itself isn't there: decided, or waiting for the
    citizen. Another message while one waits changes nothing."""
    row = case.request
    if row.submitted_at is None or case.service.workflow.states[row.status].role is not None:
        return
    due_on = legal.add_working_days(case.today, MESSAGE_DAYS, case.days_off)
    message = {"role": "officer", "kind": "message", "due_on": due_on, "submitted_at": clock.now(), "excluded_ids": []}
    work = _work(case) | message | {"rank_on": rank(due_on, row.priority_days)}
    await session.execute(insert(WorkItem).values(work).on_conflict_do_nothing())


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


def queue_of(unit_id: UUID | None) -> UUID:
    """The unit whose queue a request waits in."""
    return unit_id or NO_UNIT
