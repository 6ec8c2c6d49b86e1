{# Registrations as their people see them, latest first; with the open offer and how the entry of each ended. -#}
SELECT r.unit_id, r.id, r.draw_id, r.person_id, r.code, r.registered_at, r.position, r.version,
    r.cancelled_at IS NOT NULL AS is_cancelled, w.service, w.room, w.shift, w.on_date, w.closes_at, w.public_at, w.status,
    u.name AS unit_name, u.timezone, e.end_reason, o.id IS NOT NULL AS is_offered
FROM draw_registration r JOIN draw w ON (w.unit_id, w.id) = (r.unit_id, r.draw_id)
JOIN unit u ON u.id = r.unit_id
LEFT JOIN wait_entry e ON (e.unit_id, e.id) = (r.unit_id, r.id) AND e.status = {{ EntryStatus.ENDED }}
LEFT JOIN wait_offer o ON (o.unit_id, o.entry_id) = (r.unit_id, r.id) AND o.answer IS NULL
    AND o.expires_at > CAST(:now AS timestamptz)
WHERE {% if one %}r.id = CAST(:registration_id AS uuid)
{%- else %}r.person_id = ANY(CAST(:people AS uuid[])) AND w.on_date >= CAST(:since AS date)
    AND (r.cancelled_at IS NULL OR r.position IS NOT NULL){% endif %}
ORDER BY w.on_date DESC, r.registered_at DESC LIMIT 200
