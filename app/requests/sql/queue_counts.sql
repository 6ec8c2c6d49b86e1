SELECT count(*) AS waiting,
    count(*) FILTER (WHERE NOT {{ is_held }} AND {{ may_take }}) AS free,
    count(*) FILTER (WHERE w.due_on < {{ today }}) AS overdue,
    count(*) FILTER (WHERE w.due_on = {{ today }}) AS due_today,
    count(*) FILTER (WHERE {{ is_near("w.due_on", "w.service") }}) AS due_soon,
    count(*) FILTER (WHERE w.holder_id = CAST(:me AS uuid) AND {{ is_held }}) AS mine,
    count(*) FILTER (WHERE w.escalated_at IS NOT NULL) AS escalated,
    count(*) FILTER (WHERE w.kind = {{ WorkItemKind.MESSAGE }}) AS messages,
    (SELECT count(*) FROM request r
        WHERE {% include "stopped_scope.sql" %} AND r.kind = {{ StateKind.WAITING }}) AS awaiting_answer,
    (SELECT count(*) FROM request r
        WHERE {% include "stopped_scope.sql" %} AND r.kind = {{ StateKind.VISIT }}) AS awaiting_visit
FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id WHERE {% include "queue_scope.sql" %}
