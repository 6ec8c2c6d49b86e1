{# One statement, so that number and rows are consistent. -#}
WITH wanted AS (
    SELECT id FROM message WHERE status = 'dead-letter' AND kind = :kind AND channel = :channel
        AND {% include "dead_letter_reason.sql" %} = :reason
        AND id > CAST(:after AS uuid) AND id <= CAST(:last AS uuid)
)
SELECT m.id, (SELECT count(*) FROM wanted) AS total FROM message m
WHERE m.id IN (SELECT id FROM wanted) AND m.status = 'dead-letter' ORDER BY m.id LIMIT :limit FOR UPDATE OF m
