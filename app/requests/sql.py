"""The hot statements of the queue, prepared once. Claiming is one statement: pick, take, record."""

from sqlalchemy import text

from app.identity.service.staff import ACTIVE_STAFF_SQL
from app.requests.queries.queue import FILTER, TODAY

# The event's columns, in the order of `app.kernel.events.EVENT_COLUMNS`, from the row that was taken.
_RECORD = """
    recorded AS (
        INSERT INTO event (id, at, type, subject_id, person_id, unit_id, actor_kind, actor_id, channel, service,
            service_version, seconds, device, payload)
        SELECT CAST(:event_id AS uuid), CAST(:now AS timestamptz), CAST(:event_type AS text), t.request_id, t.person_id,
            NULLIF(t.unit_id, '00000000-0000-0000-0000-000000000000'), 'staff', CAST(:me AS uuid),
            CAST(:channel AS text), t.service, NULL, NULL, NULL,
            jsonb_build_object('folio', t.folio, 'lease_until', t.lease_until)
        FROM taken t
    )
"""
_TAKE = """
    taken AS (
        UPDATE work_item w SET holder_id = CAST(:me AS uuid), claim_key = :claim_key,
            lease_until = CAST(:lease_until AS timestamptz)
        FROM pick WHERE (w.unit_id, w.request_id) = (pick.unit_id, pick.request_id)
        RETURNING w.unit_id, w.request_id, w.person_id, w.folio, w.service, w.due_on, w.lease_until
    )
"""
# What this very claim took before, when its answer was lost on the way. IS TRUE keeps the planner off the index of
# leases: while its statistics say that nothing is held, it would read every lease there is.
_MINE = """
    mine AS (
        SELECT folio, service, due_on, lease_until FROM work_item
        WHERE holder_id = CAST(:me AS uuid) AND claim_key = :claim_key AND (lease_until > :now) IS TRUE
    )
"""
_ANSWER = """
    SELECT folio, service, due_on, lease_until FROM mine
    UNION ALL SELECT folio, service, due_on, lease_until FROM taken
"""
_PICK = """
    pick AS (
        SELECT w.unit_id, w.request_id FROM work_item w{joined}
        WHERE {where} AND CAST(:me AS uuid) <> ALL (w.excluded_ids)
            AND {filter}
            AND NOT EXISTS (SELECT 1 FROM mine)
        ORDER BY w.rank_on, w.submitted_at, w.request_id LIMIT 1 FOR UPDATE OF w SKIP LOCKED
    )
"""
_SERVICES = "(CAST(:services AS text[]) IS NULL OR w.service = ANY(CAST(:services AS text[])))"
_UNIT = " LEFT JOIN unit z ON z.id = w.unit_id"


def _pick(where: str, *, narrow: bool = False) -> str:
    return _PICK.format(where=where, joined=_UNIT if narrow else "", filter=FILTER if narrow else _SERVICES)


# Where they may take work at once: the unit they name, when it is theirs, or the only one they have. `queues` says by
# role which work is theirs; a role it doesn't name takes none.
_PLACE = f"""
    acting AS ({ACTIVE_STAFF_SQL}),
    place AS (
        SELECT COALESCE(CAST(:unit_id AS uuid), units[1]) AS unit_id, CAST(:queues AS jsonb) -> role AS queues
        FROM acting
        WHERE CAST(:queues AS jsonb) ? role AND CASE WHEN CAST(:unit_id AS uuid) IS NULL THEN cardinality(units) = 1
            ELSE units IS NULL OR CAST(:unit_id AS uuid) = ANY(units) END
    )
"""


def _claim(where: str, *, narrow: bool = False) -> str:
    pick = _pick(f"{where} AND w.role = ANY(CAST(:roles AS text[]))", narrow=narrow)
    return f"WITH {_MINE}, {pick}, {_TAKE}, {_RECORD} {_ANSWER}"


def _claim_at_once() -> str:
    there = "w.unit_id = (SELECT unit_id FROM place) AND (SELECT queues FROM place) ? w.role"
    return f"""
        WITH {_PLACE}, {_MINE}, {_pick(f"{there} AND {FREE}")}, {_TAKE}, {_RECORD}
        SELECT a.role, a.units, c.folio, c.service, c.due_on, c.lease_until
        FROM acting a LEFT JOIN ({_ANSWER}) c ON true
    """


FREE = "w.holder_id IS NULL"
# The caller and their claim, in one round trip. No row: a caller who may not act. No folio: look further.
CLAIM_AT_ONCE = text(_claim_at_once())
_THEIR_UNITS = "w.unit_id = ANY(CAST(:units AS uuid[]))"
_THEIR_UNIT = "w.unit_id = CAST(:unit_id AS uuid)"
_LAPSED = f"(CAST(:units AS uuid[]) IS NULL OR {_THEIR_UNITS}) AND w.lease_until <= :now"
# One unit by itself: the index gives its queue in order, where a list of units has to be sorted.
CLAIM_UNIT = text(_claim(f"{_THEIR_UNIT} AND {FREE}"))
CLAIM = text(_claim(f"{_THEIR_UNITS} AND {FREE}"))
CLAIM_ANYWHERE = text(_claim(FREE))
# Nothing is free: an expired lease that the job hasn't released yet.
CLAIM_LAPSED = text(_claim(_LAPSED))
# The same by every filter of the list. Statements of their own: those above stay as small as they are.
CLAIM_UNIT_FILTERED = text(_claim(f"{_THEIR_UNIT} AND {FREE}", narrow=True))
CLAIM_FILTERED = text(_claim(f"{_THEIR_UNITS} AND {FREE}", narrow=True))
CLAIM_ANYWHERE_FILTERED = text(_claim(FREE, narrow=True))
CLAIM_LAPSED_FILTERED = text(_claim(_LAPSED, narrow=True))

RELEASE_EXPIRED = text(
    """
    UPDATE work_item w SET holder_id = NULL, lease_until = NULL, claim_key = NULL
    FROM (SELECT unit_id, request_id, holder_id FROM work_item WHERE lease_until <= :now
        ORDER BY lease_until LIMIT :batch FOR UPDATE SKIP LOCKED) lapsed
    WHERE (w.unit_id, w.request_id) = (lapsed.unit_id, lapsed.request_id)
    RETURNING w.request_id, w.person_id, w.unit_id, w.service, w.folio, lapsed.holder_id
    """
)
# Late by the clock of its unit; `latest`, the last date that it is anywhere, lets the index of deadlines find them.
ESCALATE = text(
    f"""
    UPDATE work_item w SET escalated_at = CAST(:now AS timestamptz)
    FROM (SELECT w.unit_id, w.request_id FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id
        WHERE w.due_on < CAST(:latest AS date) AND w.due_on < {TODAY} AND w.escalated_at IS NULL
        ORDER BY w.due_on LIMIT :batch FOR UPDATE OF w SKIP LOCKED) late
    WHERE (w.unit_id, w.request_id) = (late.unit_id, late.request_id)
    RETURNING w.request_id, w.person_id, w.unit_id, w.service, w.folio, w.due_on
    """
)
