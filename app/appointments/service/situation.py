"""Load the one row a decision needs and turn it into the situation that the rules decide on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.sql.elements import TextClause

from app.appointments.horizon import last_open_day
from app.appointments.queries.own import actor_params
from app.appointments.rules import Situation
from app.appointments.settings import booking_settings
from app.identity.permissions import Action, may_at
from app.identity.problems import TokenExpired
from app.identity.service.revocation import is_revoked
from app.kernel import clock
from app.kernel.actor import Actor, Citizen
from app.kernel.db import Db
from app.kernel.i18n import N_
from app.kernel.idempotency import IdempotencyRequest, key_params
from app.kernel.problems import FieldError, Invalid, NotFound
from app.registry.rights import rights_from

NO_SUCH_UNIT = N_("No hay ninguna unidad con ese identificador.")


async def load(
    db: Db,
    statement: TextClause,
    actor: Actor,
    person_id: UUID,
    once: IdempotencyRequest,
    *,
    moved_id: UUID | None = None,
    token_issued_at: datetime | None = None,
    **target: Any,
) -> tuple[Any, datetime]:
    """The row a decision about this person needs, and the instant it was asked at.

    The appointment `moved_id`, on its way to another time, counts for nothing in it. `token_issued_at`: of a token that
    may have been revoked since.

    Raises:
        TokenExpired: it has been revoked.
        NotFound: there is no such person, or the actor may not act for them: the answer is the same.
    """
    now = clock.now()
    params = (
        actor_params(actor)
        | {"person_id": person_id, "now": now, "moved_id": moved_id, "token_issued_at": token_issued_at, "call": None}
        | key_params(actor, once)
        | target
    )
    row = (await db.execute(statement, params)).one_or_none()
    if await _is_over(db, actor, row, token_issued_at):
        raise TokenExpired
    if row is None or not _may_act(actor, row):
        raise NotFound
    return row, now


async def load_for_portal(
    db: Db, statement: TextClause, person_id: UUID, *, moved_id: UUID | None = None, **target: Any
) -> tuple[Any, datetime]:
    """The same row for what the portal does by itself: no one acts, and no key is stored.

    Raises:
        NotFound: there is no such person.
    """
    now = clock.now()
    params = {"person_id": person_id, "now": now, "moved_id": moved_id, "token_issued_at": None, "call": None}
    no_one = {"actor_id": None, "holder_id": None, "owner": "", "key": ""}
    row = (await db.execute(statement, params | no_one | target)).one_or_none()
    if row is None:
        raise NotFound
    return row, now


async def _is_over(db: Db, actor: Actor, row: Any, token_issued_at: datetime | None) -> bool:
    if row is not None:
        return bool(row.is_revoked)
    # An unknown person gives no row, and a revoked token must not show who is known.
    return token_issued_at is not None and actor.id is not None and await is_revoked(db, actor.id, token_issued_at)


def _may_act(actor: Actor, row: Any) -> bool:
    if isinstance(actor, Citizen):
        return bool(row.is_theirs)
    return may_at(actor, Action.ATTEND_PEOPLE, row.unit_id or row.assigned_unit_id)


def situation(row: Any, now: datetime, *, is_here: bool = False) -> Situation:
    """What the rules decide on. `is_here`: the person waits at the unit already.

    Raises:
        Invalid: the place asked for is in no unit we know.
    """
    if row.timezone is None:
        raise Invalid(fields=[FieldError("unit_id", NO_SUCH_UNIT)])
    return Situation(
        now=now,
        start_at=row.start_at,
        on_date=row.on_date,
        today=row.today,
        unit_id=row.unit_id,
        assigned_unit_id=row.assigned_unit_id,
        has_rights=rights_from(row.rights, row.on_date).is_in_force,
        has_referral=row.has_referral,
        has_active=row.has_active,
        same_day=row.same_day,
        last_on=row.last_on,
        has_clash=row.has_clash,
        is_operating=row.is_operating,
        is_here=is_here,
        horizon_days=booking_settings().horizon_days,
        last_day=last_open_day(row.timezone, now),
    )
