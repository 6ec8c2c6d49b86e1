{# What belongs to a request, for its answer, in one row. Notes are for staff. #}
SELECT
    (SELECT jsonb_agg(jsonb_build_object(
            'id', d.id, 'kind', d.kind, 'file_name', d.file_name, 'media_type', d.media_type, 'size', d.size,
            'scan', d.scan, 'state', d.state, 'reason', d.reason, 'uploaded_at', d.uploaded_at) ORDER BY d.id)
        FROM document d WHERE d.person_id = CAST(:person_id AS uuid) AND d.subject_id = CAST(:request_id AS uuid)
    ) AS documents,
    (SELECT jsonb_agg(jsonb_build_object(
            'author_kind', m.author_kind, 'kind', m.kind, 'body', m.body, 'asks', m.asks,
            'created_at', m.created_at) ORDER BY m.id)
        FROM request_message m
        WHERE m.person_id = CAST(:person_id AS uuid) AND m.request_id = CAST(:request_id AS uuid)
            AND (CAST(:for_staff AS boolean) OR m.kind <> {{ MessageKind.NOTE }})
    ) AS messages,
    (SELECT jsonb_agg(jsonb_build_object('at', h.at, 'type', h.type, 'actor_kind', h.actor_kind) ORDER BY h.id)
        FROM (SELECT e.id, e.at, e.type, e.actor_kind FROM event e
            WHERE e.subject_id = CAST(:request_id AS uuid) ORDER BY e.id LIMIT 200) h
    ) AS history,
    (SELECT a.created_at FROM appeal a WHERE a.decision_id = CAST(:decision_id AS uuid)) AS appealed_at,
    (SELECT w.due_on FROM work_item w
        WHERE w.unit_id = CAST(:queue AS uuid) AND w.request_id = CAST(:request_id AS uuid)
            AND w.kind = {{ WorkItemKind.MESSAGE }}
    ) AS reply_by
