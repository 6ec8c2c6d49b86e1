{# Entries of the wait list with the open offer of each: those of some people, all or without the
   ended ones, or one. -#}
SELECT e.unit_id, e.id, e.person_id, e.service, e.appointment_id, e.weekdays, e.shift, e.room, e.notice_hours, e.asked_at,
    e.status, e.ignored, e.end_reason, e.ended_at, e.version, u.name AS unit_name, u.timezone, a.folio,
    a.start_at AS has_start_at,
    o.id AS offer_id, o.room AS offer_room, o.start_at AS offer_start_at, o.expires_at AS offer_expires_at,
    e.draw_id
FROM wait_entry e JOIN unit u ON u.id = e.unit_id
LEFT JOIN appointment a ON (a.unit_id, a.id) = (e.unit_id, e.appointment_id)
LEFT JOIN wait_offer o ON (o.unit_id, o.entry_id) = (e.unit_id, e.id) AND o.answer IS NULL
    AND o.expires_at > CAST(:now AS timestamptz)
WHERE {% if one %}e.id = CAST(:entry_id AS uuid)
{%- else %}e.person_id = ANY(CAST(:people AS uuid[])){% if not ended %} AND e.status <> {{ EntryStatus.ENDED }}{% endif %}{% endif %}
ORDER BY e.asked_at DESC, e.id LIMIT 200
