{# Two parts of a statement that frees the seat of an appointment (`freed_from`): the seat, released, and its row for
   the wait list. While anyone waits for its like, the seat stays reserved until the list was looked at, or for
   `reserved_until` at the most. What begins before `list_from` isn't offered to the list; a closed seat neither. -#}
{% import "seat.sql" as seat -%}
{% macro is_wanted(it) -%}
{{ it }}.start_at >= CAST(:list_from AS timestamptz) AND EXISTS (
            SELECT 1 FROM wait_entry e
            WHERE e.unit_id = {{ it }}.unit_id AND e.service = {{ it }}.service AND e.status = {{ EntryStatus.ACTIVE }})
{%- endmacro -%}
freed AS (
    UPDATE seat s SET {{ seat.release() }}, freed_by = s.holder_id,
        free_from = CASE WHEN {{ is_wanted("s") }}
            THEN greatest(CAST(:free_from AS timestamptz), CAST(:reserved_until AS timestamptz))
            ELSE CAST(:free_from AS timestamptz) END
    FROM {{ freed_from }} WHERE {{ seat.is_of(freed_seat) }} AND s.appointment_id = {{ freed_seat }}.id
    RETURNING s.unit_id, s.service, s.shift, s.room, s.start_at, s.on_date, s.seat, s.minutes, s.state
),
listed AS (
    INSERT INTO freed_seat (unit_id, id, service, shift, room, start_at, on_date, seat, minutes, freed_at, look_at)
    SELECT f.unit_id, CAST(:freed_seat_id AS uuid), f.service, f.shift, f.room, f.start_at, f.on_date, f.seat,
        f.minutes, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM freed f WHERE f.state = {{ SeatState.FREE }} AND {{ is_wanted("f") }}
    ON CONFLICT (unit_id, room, start_at, seat) WHERE outcome IS NULL
        DO UPDATE SET freed_at = excluded.freed_at, look_at = excluded.look_at
)
