{% include "ticket_columns.sql" %}
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.on_date = {{ today }} AND t.status = {{ TicketStatus.LEFT }}
    AND t.service = ANY (CAST(:services AS text[])) AND t.ended_at >= CAST(:since AS timestamptz)
ORDER BY t.ended_at DESC, t.letter, t.number LIMIT :limit
