{# What a draft is submitted on: its documents, the open request for the same thing, and the words of the person's name
   that the search doesn't know yet. #}
SELECT
    (SELECT jsonb_agg(jsonb_build_array(d.id, d.kind, d.state) ORDER BY d.id) FROM document d
        WHERE d.person_id = CAST(:person_id AS uuid) AND d.subject_id = CAST(:request_id AS uuid)) AS documents,
    (SELECT r.folio FROM request r
        WHERE r.person_id = CAST(:person_id AS uuid) AND r.service = :service AND r.duplicate_key = :duplicate_key
            AND r.kind IN ({{ OPEN_KINDS }})) AS open_folio,
    ARRAY(SELECT w FROM unnest(CAST(:words AS text[])) w
        WHERE NOT EXISTS (SELECT FROM name_word k WHERE k.word = w)) AS new_words
