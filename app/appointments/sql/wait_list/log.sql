{# The offers of a unit, latest first: of which freed seat, to which entry, why it came first, and the answer. -#}
SELECT o.id, o.entry_id, o.service, o.room, o.start_at, f.freed_at, o.need, e.asked_at, o.place, o.candidates, o.made_at,
    o.expires_at, o.answer, o.answered_at
FROM wait_offer o JOIN wait_entry e ON (e.unit_id, e.id) = (o.unit_id, o.entry_id)
JOIN freed_seat f ON (f.unit_id, f.id) = (o.unit_id, o.freed_seat_id)
WHERE o.unit_id = CAST(:unit_id AS uuid)
    AND f.draw_id IS NULL
    AND (CAST(:after_at AS timestamptz) IS NULL
        OR (o.made_at, o.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
ORDER BY o.made_at DESC, o.id DESC LIMIT :limit
