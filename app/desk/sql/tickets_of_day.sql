{% include "ticket_columns.sql" %}
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.on_date = {{ today }}
    AND (CAST(:services AS text[]) IS NULL OR t.service = ANY (CAST(:services AS text[])))
    AND (NOT CAST(:open_only AS boolean) OR t.status IN ({{ OPEN }}))
ORDER BY CASE WHEN t.status IN ({{ AT_COUNTER }}) THEN 0 WHEN t.status = {{ TicketStatus.WAITING }} THEN 1
    WHEN t.status IN ({{ OPEN }}) THEN 2 ELSE 3 END, {{ call_order("t") }}
LIMIT :limit
