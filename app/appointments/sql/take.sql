{# Two parts of a statement that takes a seat for a person, by a hold or by a move. -#}
{% import "seat.sql" as seat -%}
{# The first place that can be had at that time. SKIP LOCKED: a concurrent request is taking that one. -#}
pick AS (
    SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
        AND s.on_date = CAST(:on_date AS date) AND s.start_at = CAST(:start_at AS timestamptz)
        AND s.room = CAST(:room AS integer) AND {{ seat.can_be_had("holder") }}
        {%- if moves %} AND EXISTS (SELECT 1 FROM old){% endif %}
    ORDER BY s.holder_id IS NOT DISTINCT FROM CAST(:person_id AS uuid) DESC, s.seat
    LIMIT 1 FOR UPDATE SKIP LOCKED
),
{%- if not moves %}
{# A person holds a seat so often on a day, and no more: counted in the statement that holds. -#}
counted AS (
    INSERT INTO hold_count AS c (person_id, on_date, holds)
    SELECT CAST(:person_id AS uuid), CAST(:today AS date), 1 FROM pick
    ON CONFLICT (person_id, on_date) DO UPDATE SET holds = c.holds + 1 WHERE c.holds < CAST(:most AS integer)
    RETURNING 1
),
{%- endif %}
{# A person has one hold per service: a new hold releases the first. It must happen before the new hold enters the unique
   index, hence `released_count` in what takes the seat. -#}
other AS (
    SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s
    WHERE s.state = {{ SeatState.HELD }} AND s.holder_id = CAST(:person_id AS uuid) AND s.service = :service
        AND s.unit_id = CAST(:unit_id AS uuid) AND EXISTS (SELECT 1 FROM {{ "pick" if moves else "counted" }})
        AND NOT EXISTS (SELECT 1 FROM pick WHERE (pick.room, pick.start_at, pick.seat) = (s.room, s.start_at, s.seat))
    FOR UPDATE SKIP LOCKED
),
released AS (UPDATE seat s SET {{ seat.release() }} FROM other WHERE {{ seat.is_of("other") }} RETURNING 1),
released_count AS (SELECT count(*) AS n FROM released)
