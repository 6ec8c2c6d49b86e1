{# First among the newest, where a frequent name is found at once: the index of words has to gather every place of a word
   before it gives one, a quarter of a million of María. When they are too few it is asked for the words as they are, and
   only when no one has those, for all that begin like the last: gathering these costs several times as much. Each part
   is planned by itself, for all its rows (MATERIALIZED), and read only as far as is needed: planned for the first fifty,
   it would read the whole table for a name it takes to be frequent and no one has. #}
WITH latest AS MATERIALIZED (
    SELECT {% include "search_columns.sql" %} FROM ({% include "search_newest.sql" %}) r
    WHERE r.search @@ CAST(:begun AS tsquery)
), whole AS MATERIALIZED (
    SELECT {% include "search_columns.sql" %} FROM request r
    WHERE r.search @@ CAST(:whole AS tsquery) AND {% include "search_visible.sql" %}
        AND (SELECT count(*) FROM latest) < :limit
), begun AS MATERIALIZED (
    SELECT {% include "search_columns.sql" %} FROM request r
    WHERE r.search @@ CAST(:begun AS tsquery) AND {% include "search_visible.sql" %}
        AND (SELECT count(*) FROM latest) < :limit AND NOT EXISTS (SELECT FROM whole)
), found AS (
    SELECT * FROM (
        SELECT * FROM latest UNION (SELECT * FROM whole LIMIT :limit) UNION (SELECT * FROM begun LIMIT :limit)
    ) f ORDER BY f.submitted_at DESC LIMIT :limit
)
{% include "search_found.sql" %}
