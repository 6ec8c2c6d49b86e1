{# Two parts of a statement that moves or cancels an appointment (`changed`): the open offer ends, and its seat is
   released. Where that seat itself is taken, the offer was answered before. -#}
{% import "seat.sql" as seat -%}
offer AS (
    UPDATE rebooking_offer o SET answer = {{ answer }}, answered_at = CAST(:now AS timestamptz),
        answered_by = CAST(:answered_by AS text)
    FROM {{ changed }} WHERE o.unit_id = CAST(:unit_id AS uuid) AND o.appointment_id = CAST(:appointment_id AS uuid)
        AND o.answer IS NULL
    RETURNING o.id, o.to_unit_id, o.to_room, o.to_start_at, o.to_seat
),
offered AS (
    UPDATE seat s SET {{ seat.release() }} FROM offer
    WHERE (s.unit_id, s.room, s.start_at, s.seat)
            = (offer.to_unit_id, offer.to_room, offer.to_start_at, offer.to_seat)
        AND s.state = {{ SeatState.HELD }} AND s.hold_id = offer.id
)
