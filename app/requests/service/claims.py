"""Claims of requests: claim the next one, renew, release, assign, transfer."""

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, bindparam, or_, select, update
from sqlalchemy import case as when
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.catalog.rules.workflow import StateKind
from app.identity.models import StaffMember
from app.identity.permissions import Action, may, require, roles_for
from app.identity.problems import TokenExpired
from app.identity.service.staff import staff_by_id, staff_from_row
from app.kernel import clock, ids
from app.kernel.actor import Channel, Staff
from app.kernel.db import Db
from app.kernel.db_errors import constraint_of
from app.kernel.events import record
from app.kernel.problems import KeyReused, NotFound
from app.places.models import Unit
from app.places.queries import today_at
from app.requests.events import WorkAssigned, WorkClaimed, WorkReleased, WorkTransferred
from app.requests.models import Request, WorkItem, queue_of
from app.requests.problems import (
    AssigneeIneligible,
    ClaimedByAnother,
    ClaimNotHeld,
    QueueEmpty,
    RequestOutOfScope,
    ReviewerExcluded,
    WrongState,
)
from app.requests.queries.own import works_on
from app.requests.queries.queue import roles_of
from app.requests.queries.search import folded
from app.requests.rules.kinds import WorkItemKind
from app.requests.service.cases import Case, open_case
from app.requests.service.people import index_request
from app.requests.settings import request_settings
from app.requests.statements import STATEMENTS

_ITEM = (
    select(WorkItem)
    .where(WorkItem.unit_id == bindparam("queue"), WorkItem.request_id == bindparam("request"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request an officer now has, until `lease_until`."""

    folio: str
    service: str
    due_on: Any
    lease_until: Any


# The caller and their claim, in one round trip. No row: a caller who may not act. No folio: look further.
CLAIM_AT_ONCE = STATEMENTS.load("claim", variant="at-once", at_once=True, scope="", narrow=False)
# One unit by itself: the index gives its queue in order, where a list of units has to be sorted. `lapsed`: when nothing
# is free, an expired lease that the job hasn't released yet. By every filter of the list, statements of their own: the
# others stay as small as they are.
_CLAIMS = {
    (scope, narrow): STATEMENTS.load(
        "claim", variant=f"{scope}{'-filtered' if narrow else ''}", at_once=False, scope=scope, narrow=narrow
    )
    for scope in ("unit", "units", "anywhere", "lapsed")
    for narrow in (False, True)
}
CLAIM_CONSTRAINT = "uq_work_item_claim"
QUEUES = json.dumps({role.value: roles_of(role) for role in sorted(roles_for(Action.WORK_REQUESTS))})


async def claim_by_token(
    db: Db,
    staff_id: UUID,
    key: str,
    *,
    family: UUID | None = None,
    unit_id: UUID | None = None,
    services: Sequence[str] | None = None,
) -> Claimed:
    """As `claim_next`, by who a token says: the statement that finds them takes the request.

    Who works at several units, and who finds nothing free, is served by the statements of `claim_next`.

    Raises:
        TokenExpired: no one who may act now. And what `claim_next` raises.
    """
    params = _params(staff_id, Channel.DESK, key, services) | {"unit_id": unit_id, "queues": QUEUES}
    params |= {"family": family, "call": None}
    found = await _take(db, CLAIM_AT_ONCE, params)
    if found is None:
        raise TokenExpired
    actor = staff_from_row(staff_id, found)
    _require_place(actor, unit_id)
    if found.folio is not None:
        return Claimed(found.folio, found.service, found.due_on, found.lease_until)
    return await claim_next(db, actor, key, unit_id=unit_id, services=services)


async def claim_next(
    db: Db,
    actor: Staff,
    key: str,
    *,
    unit_id: UUID | None = None,
    services: Sequence[str] | None = None,
    narrow: Mapping[str, Any] | None = None,
) -> Claimed:
    """Take the request that comes first in the actor's units, in one statement: two never get the same.

    The same `key` again gives the same request, while the actor still has it.

    Args:
        db: where the statement runs.
        actor: who takes it.
        key: of this claim.
        unit_id: from this unit alone.
        services: of these services alone.
        narrow: the parameters of a filter of the list (`queries.filter_params`), its services too: the first by
            priority of what the filter shows.

    Raises:
        WrongRole: the actor doesn't decide requests. RequestOutOfScope: that unit isn't theirs.
        QueueEmpty: nothing is free. KeyReused: the key belongs to a claim that has lapsed.
    """
    _require_place(actor, unit_id)
    units = [unit_id] if unit_id is not None else None if actor.unit_ids is None else list(actor.unit_ids)
    params = (
        _params(actor.staff_id, actor.channel, key, services) | {"roles": roles_of(actor.role)} | dict(narrow or {})
    )
    scope, where = _scope(units)
    for taken_from, more in ((scope, where), ("lapsed", {"units": units})):
        statement = _CLAIMS[taken_from, narrow is not None]
        found = await _take(db, statement, params | more)
        if found is not None:
            return Claimed(*found)
    raise QueueEmpty


async def _take(db: Db, statement: TextClause, params: dict[str, Any]) -> Any:
    """Run a claim's statement. Of two with one key at once the second is refused by the index, and then finds what the
    first took.

    Raises:
        KeyReused: the key belongs to a request whose lease has lapsed.
    """
    for is_again in (False, True):
        try:
            async with db.begin_nested() if isinstance(db, AsyncSession) else nullcontext():
                return (await db.execute(statement, params)).one_or_none()
        except DBAPIError as error:
            if constraint_of(error) != CLAIM_CONSTRAINT:
                raise
            if is_again:
                raise KeyReused from error
    return None


def _require_place(actor: Staff, unit_id: UUID | None) -> None:
    require(actor, Action.WORK_REQUESTS)
    if unit_id is not None and not actor.works_at(unit_id):
        raise RequestOutOfScope


def _params(staff_id: UUID, channel: Channel, key: str, services: Sequence[str] | None) -> dict[str, Any]:
    now = clock.now()
    return {
        "me": staff_id,
        "claim_key": key,
        "services": list(services) if services else None,
        "now": now,
        "lease_until": now + timedelta(minutes=request_settings().lease_minutes),
        "event_id": ids.new_id(),
        "event_type": WorkClaimed.type,
        "channel": channel.value,
    }


def _scope(units: list[UUID] | None) -> tuple[str, dict[str, Any]]:
    if units is None:
        return "anywhere", {}
    return ("unit", {"unit_id": units[0]}) if len(units) == 1 else ("units", {"units": units})


async def claim_one(session: AsyncSession, actor: Staff, folio: str) -> Case:
    """Claim this request, if it is free.

    Raises:
        NotFound; ClaimedByAnother; RequestOutOfScope: it waits for another role. ReviewerExcluded: the actor took part
        in the refusal that is under appeal. WrongState: it isn't open work any more.
    """
    case = await open_case(session, actor, folio)
    item = await item_of(session, case)
    if item is not None:
        require_not_excluded(item, actor.staff_id)
    else:
        require_undecided(case.request, actor)
    if item is None:
        raise WrongState
    if item.role not in roles_of(actor.role):
        raise RequestOutOfScope
    now = clock.now()
    if item.holder_id == actor.staff_id and (item.lease_until is None or item.lease_until > now):
        return case
    if item.holder_id is not None and (item.lease_until is None or item.lease_until > now):
        raise ClaimedByAnother
    item.holder_id, item.claim_key = actor.staff_id, None
    item.lease_until = now + timedelta(minutes=request_settings().lease_minutes)
    await session.flush()
    await record(session, actor, case.fact(WorkClaimed, lease_until=item.lease_until))
    return case


async def item_of(session: AsyncSession, case: Case) -> WorkItem | None:
    """The request's row of open work, locked."""
    key = {"queue": queue_of(case.request.unit_id), "request": case.request.id}
    found: WorkItem | None = await session.scalar(_ITEM, key)
    return found


def require_not_excluded(item: WorkItem, staff_id: UUID) -> None:
    """Go on unless this member of staff took part in the refusal that is under appeal.

    Raises:
        ReviewerExcluded.
    """
    if staff_id in item.excluded_ids:
        raise ReviewerExcluded


def require_undecided(row: Request, actor: Staff) -> None:
    """Go on unless the actor decided the request, in another tab perhaps.

    Raises:
        WrongState: they did.
    """
    if row.kind == StateKind.FINAL and row.decided_by == actor.staff_id:
        raise WrongState(detail=WrongState.yours)


async def require_hold(session: AsyncSession, actor: Staff, case: Case) -> WorkItem:
    """The request's open work, when the actor has it.

    Raises:
        ClaimNotHeld: another member of staff has it, or the lease expired. ReviewerExcluded. WrongState: it is a
        message to answer.
    """
    require_undecided(case.request, actor)
    item = await item_of(session, case)
    if item is not None:
        require_not_excluded(item, actor.staff_id)
    if item is None or item.holder_id != actor.staff_id or item.role not in roles_of(actor.role):
        raise ClaimNotHeld
    if item.lease_until is not None and item.lease_until <= clock.now():
        raise ClaimNotHeld
    if item.kind != WorkItemKind.DECISION:
        raise WrongState
    return item


async def finish_message(session: AsyncSession, actor: Staff, case: Case) -> bool:
    """Take a citizen's message off the queue: it was answered, or needs no answer. Whether one waited.

    Raises:
        ClaimedByAnother: a colleague has claimed it.
    """
    item = await item_of(session, case)
    if item is None or item.kind != WorkItemKind.MESSAGE:
        return False
    is_held = item.holder_id is not None and (item.lease_until is None or item.lease_until > clock.now())
    if is_held and item.holder_id != actor.staff_id:
        raise ClaimedByAnother
    await session.delete(item)
    await session.flush()
    return True


async def heartbeat(db: AsyncConnection | AsyncSession, actor: Staff, folio: str) -> Any:
    """Renew the lease; returns its end, None for an assignment by a supervisor, which has none.

    Raises:
        WrongRole: the actor doesn't work requests. ClaimNotHeld: the lease expired, or another member of staff has it.
    """
    require(actor, Action.WORK_REQUESTS)
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise ClaimNotHeld from error
    now = clock.now()
    expires_at = now + timedelta(minutes=request_settings().lease_minutes)
    renewal = (
        update(WorkItem)
        .where(
            WorkItem.folio == canonical,
            WorkItem.holder_id == actor.staff_id,
            or_(WorkItem.lease_until.is_(None), WorkItem.lease_until > now),
        )
        .values(lease_until=when((WorkItem.lease_until.is_not(None), expires_at)))
        .returning(WorkItem.lease_until)
    )
    found = (await db.execute(renewal)).one_or_none()
    if found is None:
        raise ClaimNotHeld
    return found.lease_until


async def release(session: AsyncSession, actor: Staff, folio: str) -> None:
    """Release to the queue: by the holder, or by a supervisor.

    Raises:
        NotFound; ClaimNotHeld.
    """
    case = await open_case(session, actor, folio)
    item = await item_of(session, case)
    if item is None:
        require_undecided(case.request, actor)
    if item is None or (item.holder_id != actor.staff_id and not may(actor, Action.SUPERVISE_REQUESTS)):
        raise ClaimNotHeld
    before = item.holder_id
    item.holder_id, item.lease_until, item.claim_key = None, None, None
    await session.flush()
    if before is not None:
        await record(session, actor, case.fact(WorkReleased, holder_id=before, lapsed=False))


async def assign(session: AsyncSession, actor: Staff, folio: str, staff_id: UUID) -> None:
    """A supervisor gives a request to a member of staff: it stays theirs until they decide or give it back.

    Raises:
        WrongRole; NotFound: no such request or member of staff. WrongState: it isn't open work.
        ReviewerExcluded: they took part in the refusal that is under appeal. AssigneeIneligible: their role or units
        don't include it.
    """
    require(actor, Action.SUPERVISE_REQUESTS)
    case = await open_case(session, actor, folio)
    # Held until the end: a concurrent deactivation waits for this and frees it, or this finds no such member of staff.
    await session.execute(select(StaffMember.id).where(StaffMember.id == staff_id).with_for_update(read=True))
    to = await staff_by_id(session, staff_id)
    if to is None:
        raise NotFound
    item = await item_of(session, case)
    if item is None:
        raise WrongState
    require_not_excluded(item, staff_id)
    if (
        to.role not in roles_for(Action.WORK_REQUESTS)
        or item.role not in roles_of(to.role)
        or not works_on(to, case.request.unit_id)
    ):
        raise AssigneeIneligible
    item.holder_id, item.lease_until, item.claim_key = staff_id, None, None
    await session.flush()
    await record(session, actor, case.fact(WorkAssigned, holder_id=staff_id))


async def transfer(session: AsyncSession, actor: Staff, folio: str, unit_id: UUID) -> None:
    """Transfer it to another unit, where it is unclaimed.

    Raises:
        WrongRole; NotFound: no such request or unit. WrongState: it isn't open work.
    """
    require(actor, Action.SUPERVISE_REQUESTS)
    case = await open_case(session, actor, folio)
    item, unit = await item_of(session, case), await session.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    if item is None:
        raise WrongState
    before = case.request.unit_id
    item.unit_id = unit_id
    item.holder_id, item.lease_until, item.claim_key, item.escalated_at = None, None, None, None
    case.request.unit_id = unit_id
    await index_request(session, case, folded(case.person.full_name))
    case.request.version += 1
    await session.flush()
    await record(session, actor, case.fact(WorkTransferred, from_unit_id=before))


async def held_by(session: AsyncSession, actor: Staff) -> list[tuple[WorkItem, bool]]:
    """What the actor has, most urgent first, and whether it is late at its unit."""
    mine = select(WorkItem, WorkItem.due_on < today_at(WorkItem.unit_id)).where(
        WorkItem.holder_id == actor.staff_id,
        (WorkItem.lease_until.is_(None)) | (WorkItem.lease_until > clock.now()),
    )
    rows = await session.execute(mine.order_by(WorkItem.rank_on, WorkItem.submitted_at))
    return [(item, is_late) for item, is_late in rows]
