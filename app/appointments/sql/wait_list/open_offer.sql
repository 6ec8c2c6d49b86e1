{# An offer of the wait list as its person sees it, open or not. -#}
SELECT o.unit_id, o.id, o.entry_id, o.freed_seat_id, o.person_id, o.service, o.room, o.start_at, o.seat, o.need, o.place,
    o.candidates, o.had_start_at, o.made_at, o.expires_at, o.answer, o.answered_at, e.version AS entry_version,
    e.status AS entry_status, e.appointment_id, u.name AS unit_name, u.clues, u.timezone, s.minutes,
    coalesce(s.state = {{ SeatState.HELD }} AND s.hold_id = o.id, false) AS is_held, a.folio AS had_folio,
    CASE WHEN e.asked_by_kind = 'citizen' THEN e.asked_by_id END AS asked_by,
    e.draw_id,
    EXISTS (
        SELECT 1 FROM appointment b
        WHERE b.unit_id = o.unit_id AND b.person_id = o.person_id AND b.start_at = o.start_at
            AND b.status = {{ Status.BOOKED }}
    ) AS is_booked
FROM wait_offer o
JOIN wait_entry e ON (e.unit_id, e.id) = (o.unit_id, o.entry_id)
JOIN unit u ON u.id = o.unit_id
LEFT JOIN seat s ON (s.unit_id, s.room, s.start_at, s.seat) = (o.unit_id, o.room, o.start_at, o.seat)
LEFT JOIN appointment a ON (a.unit_id, a.id) = (e.unit_id, e.appointment_id)
WHERE o.id = CAST(:offer_id AS uuid) AND (CAST(:unit_id AS uuid) IS NULL OR o.unit_id = CAST(:unit_id AS uuid))
