{# What this reader's row of this hour has already costs no write. Of two answers at once, the second waits for the
   first's row and adds the contexts that it lacks, or nothing. -#}
WITH shown AS (
    SELECT s.id, s.person_id, s.unit_id, string_to_array(s.contexts, ' ') AS contexts
    FROM unnest(CAST(:ids AS uuid[]), CAST(:people AS uuid[]), CAST(:units AS uuid[]), CAST(:contexts AS text[]))
        s (id, person_id, unit_id, contexts)
)
INSERT INTO personal_data_view AS v
    (id, person_id, reader_kind, reader_id, hour, seen_at, role, unit_id, contexts, channel)
SELECT s.id, s.person_id, CAST(:kind AS text), CAST(:reader AS uuid), CAST(:hour AS timestamptz),
    CAST(:at AS timestamptz), CAST(:role AS text), s.unit_id, s.contexts, CAST(:channel AS text)
FROM shown s
WHERE NOT EXISTS (
    SELECT FROM personal_data_view o
    WHERE o.person_id = s.person_id AND o.hour = CAST(:hour AS timestamptz)
        AND o.reader_id = CAST(:reader AS uuid) AND o.contexts @> s.contexts
)
ORDER BY s.person_id
ON CONFLICT (person_id, hour, reader_id) DO UPDATE
    SET contexts = v.contexts || ARRAY(SELECT unnest(EXCLUDED.contexts) EXCEPT SELECT unnest(v.contexts))
    WHERE NOT v.contexts @> EXCLUDED.contexts
