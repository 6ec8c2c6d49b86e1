{# Parts of a statement that takes the seat of an open offer for its person; what they hold themselves stays. -#}
{% import "seat.sql" as seat -%}
asked AS (
    SELECT o.unit_id, o.id, o.entry_id, o.freed_seat_id, o.room, o.start_at, o.seat FROM wait_offer o
    WHERE o.unit_id = CAST(:unit_id AS uuid) AND o.id = CAST(:offer_id AS uuid) AND o.answer IS NULL
        AND o.expires_at > CAST(:now AS timestamptz)
    FOR UPDATE
),
pick AS (
    SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s JOIN asked ON {{ seat.is_of("asked") }}
    WHERE s.state = {{ SeatState.HELD }} AND s.hold_id = asked.id
    FOR UPDATE OF s
),
released_count AS (SELECT 0 AS n)
