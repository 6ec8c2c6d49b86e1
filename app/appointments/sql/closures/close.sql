UPDATE seat s SET closed_by = CAST(:id AS uuid),
    state = CASE WHEN state = {{ SeatState.BOOKED }} THEN state ELSE {{ SeatState.CLOSED }} END,
    holder_id = CASE WHEN state = {{ SeatState.HELD }} THEN NULL ELSE holder_id END, hold_id = NULL, held_until = NULL
WHERE {% include "closures/" ~ covered ~ ".sql" %} AND closed_by IS NULL
