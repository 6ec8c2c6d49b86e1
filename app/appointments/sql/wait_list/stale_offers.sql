{# Freed seats of open offers whose seat isn't held for them any more, whose entry isn't active, or whose person has an
   appointment by now that is no later: they are looked at now. -#}
UPDATE freed_seat f SET look_at = :now FROM wait_offer o
WHERE f.unit_id = CAST(:unit_id AS uuid) AND f.outcome IS NULL AND f.look_at > :now
    AND (o.unit_id, o.freed_seat_id) = (f.unit_id, f.id) AND o.answer IS NULL
    AND (NOT EXISTS (SELECT FROM seat s
            WHERE (s.unit_id, s.room, s.start_at, s.seat) = (o.unit_id, o.room, o.start_at, o.seat)
                AND s.state = {{ SeatState.HELD }} AND s.hold_id = o.id)
        OR NOT EXISTS (SELECT FROM wait_entry e
            WHERE (e.unit_id, e.id) = (o.unit_id, o.entry_id) AND e.status = {{ EntryStatus.ACTIVE }})
        OR {% include "wait_list/is_no_earlier.sql" %})
