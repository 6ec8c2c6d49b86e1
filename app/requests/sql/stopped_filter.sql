FROM request r JOIN person p ON p.id = r.person_id LEFT JOIN unit z ON z.id = r.unit_id
WHERE {% include "stopped_scope.sql" %}
    AND r.kind = CAST(:kind AS text)
    AND (CAST(:services AS text[]) IS NULL OR r.service = ANY(CAST(:services AS text[])))
    AND (CAST(:language AS text) IS NULL OR p.language = CAST(:language AS text))
    AND (CAST(:due_until AS date) IS NULL OR r.answer_by <= CAST(:due_until AS date))
    AND (CAST(:due AS text) IS NULL
        OR (CAST(:due AS text) = 'late' AND r.answer_by < {{ today }})
        OR (CAST(:due AS text) = 'today' AND r.answer_by = {{ today }})
        OR (CAST(:due AS text) = 'near' AND {{ is_near("r.answer_by", "r.service") }}))
    AND (CAST(:stopped_before AS timestamptz) IS NULL OR r.stopped_at < CAST(:stopped_before AS timestamptz))
