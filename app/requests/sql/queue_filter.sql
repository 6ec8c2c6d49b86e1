{# Which part of the queue: the same conditions for a list, its total and the next request to be taken from it. On
   `work_item w LEFT JOIN unit z`, with the parameters of `filter_params`, `:me` and `:now`. What day it is where the
   request is attended decides what is late there. -#}
(CAST(:services AS text[]) IS NULL OR w.service = ANY(CAST(:services AS text[])))
    AND (CAST(:language AS text) IS NULL OR w.language = CAST(:language AS text))
    AND (CAST(:kind AS text) IS NULL OR CASE CAST(:kind AS text) WHEN 'appeal' THEN w.is_appeal
        WHEN 'second-review'
            THEN w.kind = {{ WorkItemKind.DECISION }} AND w.role = {{ Queue.SUPERVISOR }} AND NOT w.is_appeal
        ELSE w.kind = CAST(:kind AS text) END)
    AND (CAST(:due_until AS date) IS NULL OR w.due_on <= CAST(:due_until AS date))
    AND (CAST(:due AS text) IS NULL
        OR (CAST(:due AS text) = 'late' AND w.due_on < {{ today }})
        OR (CAST(:due AS text) = 'today' AND w.due_on = {{ today }})
        OR (CAST(:due AS text) = 'near' AND {{ is_near("w.due_on", "w.service") }}))
    AND (CAST(:submitted_before AS timestamptz) IS NULL OR w.submitted_at < CAST(:submitted_before AS timestamptz))
    AND (CAST(:holder AS uuid) IS NULL OR (w.holder_id = CAST(:holder AS uuid) AND {{ is_held }}))
    AND (CAST(:state AS text) IS NULL
        OR (CAST(:state AS text) = 'free' AND NOT {{ is_held }} AND {{ may_take }})
        OR (CAST(:state AS text) = 'held' AND {{ is_held }})
        OR (CAST(:state AS text) = 'mine' AND w.holder_id = CAST(:me AS uuid) AND {{ is_held }})
        OR (CAST(:state AS text) = 'escalated' AND w.escalated_at IS NOT NULL))
