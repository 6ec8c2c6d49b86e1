{# Registrations of a draw that no seat was left for: not cancelled, and never asked or only by offers that were
   withdrawn. -#}
SELECT r.id, r.person_id FROM draw_registration r
WHERE r.unit_id = CAST(:unit_id AS uuid) AND r.draw_id = CAST(:draw_id AS uuid) AND r.cancelled_at IS NULL
    AND NOT EXISTS (SELECT FROM wait_offer o WHERE (o.unit_id, o.entry_id) = (r.unit_id, r.id)
        AND o.answer <> {{ OfferAnswer.WITHDRAWN }})
ORDER BY r.position
