"""The hot statements, prepared once. One to load all that a decision needs; one each to hold, book, move, cancel.

A writing statement is a whole transaction: it guards, takes or frees the seat, writes the appointment, records the
event and stores the response for the idempotency key. Each part selects from the one before, so either all of it
happens or nothing: when the guard finds no row there is nothing to insert, and when a unique index refuses, the
statement fails as a whole.
"""

from sqlalchemy import TextClause, text

from app.kernel.clock import local_day_sql
from app.kernel.events import EVENT_INSERT, EVENT_SELECT
from app.kernel.idempotency import KEY_INSERT, KEY_SELECT
from app.places.rules import DEFAULT_ZONE
from app.registry.representation import is_minor_sql, registered_sql
from app.registry.rights import rights_sql

# Who may act: the person, or the holder they depend on until they are 18. Staff are checked by unit in the service.
# Rights of a dependant are the holder's, for as long as the dependence lasts on the day of the appointment.
# `target` is what the decision is about: a place asked for, or the seat held. Without it the row still comes, with
# the response stored for the idempotency key, if there is one. The appointment that is being moved (`moved_id`) is left
# out of all that counts, so a move is checked like a booking by a person without it.
_TODAY = local_day_sql("CAST(:now AS timestamptz)", f"coalesce(u.timezone, h.timezone, '{DEFAULT_ZONE}')")
_IS_MINOR = is_minor_sql("p.birth_on", "d.today")
_REGISTERED = registered_sql("x", "d.today")
_RIGHTS = rights_sql("p.id", "d.on_date", "p.birth_on")
_LOAD = """
    SELECT p.unit_id AS assigned_unit_id, p.room AS assigned_room,
        p.id = CAST(:actor_id AS uuid) OR EXISTS (
            SELECT 1 FROM dependant x WHERE x.holder_id = CAST(:holder_id AS uuid) AND x.person_id = p.id
            AND {registered} AND {is_minor}) AS is_theirs,
        t.unit_id, t.service, t.room, t.start_at, t.minutes, t.is_live,
        u.timezone, u.name AS unit_name, u.clues, u.is_operating, d.on_date, d.today,
        {rights} AS rights,
        EXISTS (SELECT 1 FROM active_appointment v
            WHERE v.person_id = p.id AND v.service = t.service AND v.start_at > :now
            AND v.appointment_id IS DISTINCT FROM CAST(:moved_id AS uuid)) AS has_active,
        o.same_day, o.has_clash,
        (SELECT max(o.on_date) FROM appointment o WHERE t.service = 'preventive' AND o.person_id = p.id
            AND o.service = t.service AND o.status IN ('booked', 'attended')
            AND o.id IS DISTINCT FROM CAST(:moved_id AS uuid)) AS last_on,
        EXISTS (SELECT 1 FROM referral f WHERE f.person_id = p.id AND f.service = t.service AND f.unit_id = u.id
            AND d.on_date BETWEEN f.starts_on AND f.ends_on) AS has_referral,
        k.fingerprint, k.status, k.headers, k.body{more}
    FROM person p
    LEFT JOIN unit h ON h.id = p.unit_id
    LEFT JOIN LATERAL ({target}) t ON true
    LEFT JOIN unit u ON u.id = t.unit_id
    LEFT JOIN LATERAL (SELECT {on_date} AS on_date, {today} AS today) d ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.service = t.service AND o.on_date = d.on_date
                AND o.status IN ('booked', 'attended')) AS same_day,
            count(*) FILTER (WHERE o.status = 'booked'
                AND o.start_at < t.start_at + make_interval(mins => coalesce(t.minutes, 1))
                AND t.start_at < o.start_at + make_interval(mins => o.minutes)) > 0 AS has_clash
        FROM appointment o
        WHERE o.person_id = p.id AND o.id IS DISTINCT FROM CAST(:moved_id AS uuid)
            AND o.start_at BETWEEN t.start_at - interval '2 days' AND t.start_at + interval '2 days') o ON true
    LEFT JOIN idempotency_key k ON k.owner = :owner AND k.key = :key
    WHERE p.id = CAST(:person_id AS uuid)
"""
_PLACE = """
    SELECT CAST(:unit_id AS uuid) AS unit_id, CAST(:service AS text) AS service, CAST(:room AS integer) AS room,
        CAST(:start_at AS timestamptz) AS start_at, true AS is_live,
        (SELECT s.minutes FROM seat s WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer)
            AND s.start_at = CAST(:start_at AS timestamptz) LIMIT 1) AS minutes
"""
_HELD_SEAT = """
    SELECT s.unit_id, s.service, s.room, s.start_at, s.minutes, s.held_until > :now AS is_live FROM seat s
    WHERE s.holder_id = CAST(:person_id AS uuid) AND s.state = 'held' AND s.hold_id = CAST(:hold_id AS uuid)
"""
# Who moves has often held the new time first: the fact names that hold, so that the seconds of both add up.
_THEIR_HOLD = """,
        (SELECT s.hold_id FROM seat s WHERE s.unit_id = t.unit_id AND s.room = t.room AND s.start_at = t.start_at
            AND s.state = 'held' AND s.holder_id = p.id AND s.service = t.service LIMIT 1) AS hold_id
"""


def _load(target: str, more: str = "") -> TextClause:
    on_date = local_day_sql("t.start_at", "u.timezone")
    parts = {"target": target, "more": more, "on_date": on_date, "today": _TODAY}
    return text(_LOAD.format(**parts, registered=_REGISTERED, is_minor=_IS_MINOR, rights=_RIGHTS))


LOAD_PLACE = _load(_PLACE)
LOAD_MOVE = _load(_PLACE, _THEIR_HOLD)
LOAD_HELD = _load(_HELD_SEAT)

# A freed seat has a release delay for others; its last holder may take it at once.
OFFERED = """
    ((s.state = 'free' AND (s.free_from <= :now OR s.freed_by = CAST(:person_id AS uuid)))
        OR (s.state = 'held' AND (s.held_until <= :now OR s.holder_id = CAST(:person_id AS uuid))))
"""

# The first place that can be had at that time. SKIP LOCKED: a concurrent request is taking that one.
_PICK = f"""
    pick AS (
        SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s
        WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
            AND s.on_date = CAST(:on_date AS date) AND s.start_at = CAST(:start_at AS timestamptz)
            AND s.room = CAST(:room AS integer) AND {OFFERED} {{condition}}
        ORDER BY s.holder_id IS NOT DISTINCT FROM CAST(:person_id AS uuid) DESC, s.seat
        LIMIT 1 FOR UPDATE SKIP LOCKED
    )
"""
PICK = _PICK.format(condition="")
PICK_IF_OLD = _PICK.format(condition="AND EXISTS (SELECT 1 FROM old)")
# A person has one hold per service: a new hold releases the first. It must happen before the new hold
# enters the unique index, hence `released_count` below.
RELEASE_OTHERS = """
    other AS (
        SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s
        WHERE s.state = 'held' AND s.holder_id = CAST(:person_id AS uuid) AND s.service = :service
            AND s.unit_id = CAST(:unit_id AS uuid) AND EXISTS (SELECT 1 FROM pick)
            AND NOT EXISTS (SELECT 1 FROM pick WHERE (pick.room, pick.start_at, pick.seat)
                = (s.room, s.start_at, s.seat))
        FOR UPDATE SKIP LOCKED
    ),
    released AS (
        UPDATE seat s SET state = CASE WHEN s.closed_by IS NULL THEN 'free' ELSE 'closed' END,
            holder_id = NULL, hold_id = NULL, held_until = NULL
        FROM other WHERE (s.unit_id, s.room, s.start_at, s.seat)
            = (other.unit_id, other.room, other.start_at, other.seat)
        RETURNING 1
    ),
    released_count AS (SELECT count(*) AS n FROM released)
"""

HOLD = text(
    f"""
    WITH {PICK}, {RELEASE_OTHERS},
    taken AS (
        UPDATE seat s SET state = 'held', holder_id = CAST(:person_id AS uuid), hold_id = CAST(:hold_id AS uuid),
            held_until = CAST(:held_until AS timestamptz)
        FROM pick, released_count
        WHERE (s.unit_id, s.room, s.start_at, s.seat) = (pick.unit_id, pick.room, pick.start_at, pick.seat)
            AND released_count.n >= 0
        RETURNING s.room, s.seat
    ),
    stored AS ({KEY_INSERT} {KEY_SELECT} FROM taken),
    recorded AS ({EVENT_INSERT} {EVENT_SELECT} FROM taken)
    SELECT room, seat FROM taken
    """
)

RELEASE = text(
    f"""
    WITH freed AS (
        UPDATE seat SET state = CASE WHEN closed_by IS NULL THEN 'free' ELSE 'closed' END,
            holder_id = NULL, hold_id = NULL, held_until = NULL
        WHERE holder_id = CAST(:person_id AS uuid) AND state = 'held' AND hold_id = CAST(:hold_id AS uuid)
        RETURNING unit_id
    ),
    recorded AS ({EVENT_INSERT} {EVENT_SELECT} FROM freed)
    SELECT unit_id FROM freed
    """
)

# A past appointment gives way (`ended`): a live one makes the insert into its unique key fail, and all with it.
BOOK = text(
    f"""
    WITH taken AS (
        UPDATE seat SET state = 'booked', appointment_id = CAST(:appointment_id AS uuid), hold_id = NULL,
            held_until = NULL
        WHERE holder_id = CAST(:person_id AS uuid) AND service = :service AND unit_id = CAST(:unit_id AS uuid)
            AND state = 'held' AND hold_id = CAST(:hold_id AS uuid) AND held_until > :now
        RETURNING unit_id, room, start_at, seat, minutes, on_date
    ),
    ended AS (
        DELETE FROM active_appointment WHERE person_id = CAST(:person_id AS uuid) AND service = :service
            AND start_at <= :now RETURNING 1
    ),
    ended_count AS (SELECT count(*) AS n FROM ended),
    active AS (
        INSERT INTO active_appointment (person_id, service, unit_id, appointment_id, start_at)
        SELECT CAST(:person_id AS uuid), :service, unit_id, CAST(:appointment_id AS uuid), start_at
        FROM taken, ended_count WHERE ended_count.n >= 0
    ),
    made AS (
        INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat, minutes,
            channel, booked_by_kind, booked_by_id, created_at, changed_at)
        SELECT unit_id, CAST(:appointment_id AS uuid), :folio, CAST(:person_id AS uuid), :service, room, start_at,
            on_date, seat, minutes, :channel, :actor_kind, CAST(:actor_id AS uuid),
            CAST(:now AS timestamptz), CAST(:now AS timestamptz)
        FROM taken
    ),
    stored AS ({KEY_INSERT} {KEY_SELECT} FROM taken),
    recorded AS ({EVENT_INSERT} {EVENT_SELECT} FROM taken)
    SELECT room, seat FROM taken
    """
)

FREE_SEAT = """
    state = CASE WHEN s.closed_by IS NULL THEN 'free' ELSE 'closed' END, freed_by = s.holder_id, holder_id = NULL,
    appointment_id = NULL, free_from = CAST(:free_from AS timestamptz)
"""

# A move to the time it already has changes nothing: the response is stored for the key, and a second seat of the same
# slot that they may have held meanwhile goes back.
STAY = text(
    f"""
    WITH released AS (
        UPDATE seat s SET state = CASE WHEN s.closed_by IS NULL THEN 'free' ELSE 'closed' END,
            holder_id = NULL, hold_id = NULL, held_until = NULL
        WHERE s.state = 'held' AND s.holder_id = CAST(:person_id AS uuid) AND s.service = :service
            AND s.unit_id = CAST(:unit_id AS uuid)
    ),
    stored AS ({KEY_INSERT} {KEY_SELECT})
    SELECT 1
    """
)

# The new seat is taken and the old one freed in one instant: until then the old one is still the person's.
MOVE = text(
    f"""
    WITH old AS (
        SELECT unit_id, id, room, start_at, seat FROM appointment
        WHERE unit_id = CAST(:unit_id AS uuid) AND id = CAST(:appointment_id AS uuid) AND status = 'booked'
            AND version = CAST(:version AS integer)
        FOR UPDATE
    ),
    {PICK_IF_OLD},
    {RELEASE_OTHERS},
    taken AS (
        UPDATE seat s SET state = 'booked', holder_id = CAST(:person_id AS uuid),
            appointment_id = CAST(:appointment_id AS uuid), hold_id = NULL, held_until = NULL
        FROM pick, old, released_count
        WHERE (s.unit_id, s.room, s.start_at, s.seat) = (pick.unit_id, pick.room, pick.start_at, pick.seat)
            AND released_count.n >= 0
        RETURNING s.room, s.start_at, s.seat, s.minutes, s.on_date
    ),
    freed AS (
        UPDATE seat s SET {FREE_SEAT} FROM old, taken
        WHERE (s.unit_id, s.room, s.start_at, s.seat) = (old.unit_id, old.room, old.start_at, old.seat)
            AND s.appointment_id = old.id
        RETURNING s.seat
    ),
    moved AS (
        UPDATE appointment a SET room = taken.room, start_at = taken.start_at, seat = taken.seat,
            minutes = taken.minutes, on_date = taken.on_date, version = a.version + 1, affected = NULL,
            changed_at = CAST(:now AS timestamptz)
        FROM taken, freed, old WHERE a.unit_id = old.unit_id AND a.id = old.id
        RETURNING a.room, a.seat
    ),
    active AS (
        UPDATE active_appointment v SET start_at = taken.start_at FROM taken
        WHERE v.person_id = CAST(:person_id AS uuid) AND v.service = :service
            AND v.appointment_id = CAST(:appointment_id AS uuid)
    ),
    stored AS ({KEY_INSERT} {KEY_SELECT} FROM moved),
    recorded AS ({EVENT_INSERT} {EVENT_SELECT} FROM moved)
    SELECT room, seat FROM moved
    """
)

CANCEL = text(
    f"""
    WITH cancelled AS (
        UPDATE appointment SET status = 'cancelled', version = version + 1, cancel_reason = :reason,
            changed_at = CAST(:now AS timestamptz)
        WHERE unit_id = CAST(:unit_id AS uuid) AND id = CAST(:appointment_id AS uuid) AND status = 'booked'
            AND version = CAST(:version AS integer)
        RETURNING unit_id, id, room, start_at, seat, person_id, service
    ),
    freed AS (
        UPDATE seat s SET {FREE_SEAT} FROM cancelled c
        WHERE (s.unit_id, s.room, s.start_at, s.seat) = (c.unit_id, c.room, c.start_at, c.seat)
            AND s.appointment_id = c.id
    ),
    active AS (
        DELETE FROM active_appointment v USING cancelled c
        WHERE v.person_id = c.person_id AND v.service = c.service AND v.appointment_id = c.id
    ),
    stored AS ({KEY_INSERT} {KEY_SELECT} FROM cancelled),
    recorded AS ({EVENT_INSERT} {EVENT_SELECT} FROM cancelled)
    SELECT room, seat FROM cancelled
    """
)
