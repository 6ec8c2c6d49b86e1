{# Ids are time-ordered, also as text: PostgreSQL has no max(uuid) before version 18. -#}
SELECT kind, channel, {% include "dead_letter_reason.sql" %} AS reason, count(*) AS count,
    CAST(max(CAST(id AS text)) AS uuid) AS last
FROM message WHERE status = 'dead-letter' GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
