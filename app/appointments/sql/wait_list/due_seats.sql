{# Freed seats of a unit that are due to be looked at, with their seat as it is, whether an offer of theirs holds it
   (`is_ours`), the open offer, and whether its person has an appointment that is no later. -#}
SELECT f.id, f.service, f.shift, f.room, f.start_at, f.on_date, f.seat, f.freed_at, s.state, s.hold_id, s.freed_by,
    s.held_until, h.id IS NOT NULL AS is_ours, o.id AS offer_id, o.entry_id, o.made_at, o.expires_at,
    {% include "wait_list/is_no_earlier.sql" %} AS is_no_earlier,
    f.draw_id, w.public_at, w.registrations
FROM freed_seat f
LEFT JOIN seat s ON (s.unit_id, s.room, s.start_at, s.seat) = (f.unit_id, f.room, f.start_at, f.seat)
LEFT JOIN wait_offer h ON (h.unit_id, h.freed_seat_id, h.id) = (f.unit_id, f.id, s.hold_id)
LEFT JOIN wait_offer o ON (o.unit_id, o.freed_seat_id) = (f.unit_id, f.id) AND o.answer IS NULL
LEFT JOIN draw w ON (w.unit_id, w.id) = (f.unit_id, f.draw_id)
WHERE f.unit_id = CAST(:unit_id AS uuid) AND f.outcome IS NULL AND f.look_at <= :now
ORDER BY f.start_at, f.freed_at, f.id LIMIT :most FOR UPDATE OF f SKIP LOCKED
