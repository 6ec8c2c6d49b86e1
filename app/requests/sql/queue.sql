{# A page of the queue, after the place of a line or before it; `order` and `beyond` are those of the sort. #}
SELECT w.request_id, w.person_id, w.folio, w.service, w.unit_id, u.name AS unit_name, w.role, w.kind, w.due_on,
    w.rank_on, w.submitted_at, w.language, w.holder_id, s.full_name AS holder_name, held.since, w.lease_until,
    w.escalated_at, NOT {{ may_take }} AS is_excluded, w.is_appeal, w.timezone, w.today,
    concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name
FROM (
    SELECT w.*, {{ zone }} AS timezone, {{ today }} AS today FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id
    WHERE {% include "queue_scope.sql" %} AND {% include "queue_filter.sql" %}
        AND (CAST(:id AS uuid) IS NULL OR {{ beyond }})
    ORDER BY {{ order }} LIMIT :limit
) w
JOIN person p ON p.id = w.person_id
LEFT JOIN unit u ON u.id = w.unit_id LEFT JOIN staff s ON s.id = w.holder_id
LEFT JOIN LATERAL (
    SELECT max(e.at) AS since FROM event e
    WHERE w.holder_id IS NOT NULL AND e.subject_id = w.request_id AND e.type IN ('work.claimed', 'work.assigned')
) held ON true
ORDER BY {{ order }}
