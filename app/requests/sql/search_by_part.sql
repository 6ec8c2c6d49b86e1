{# By some letters of a folio: its first, by the index, or any in a row among the newest; by the first of a CURP. #}
WITH partial AS MATERIALIZED (
    (SELECT {% include "search_columns.sql" %} FROM unnest(CAST(:begins AS text[])) b (begun) CROSS JOIN LATERAL (
        SELECT * FROM request r
        WHERE r.folio ~>=~ b.begun AND r.folio ~<~ (b.begun || '~') AND {% include "search_visible.sql" %}
        LIMIT :limit) r)
    UNION (SELECT {% include "search_columns.sql" %} FROM ({% include "search_newest.sql" %}) r
        WHERE replace(r.folio, '-', '') LIKE '%' || CAST(:part AS text) || '%' LIMIT :limit)
    UNION (SELECT {% include "search_columns.sql" %} FROM (
        SELECT id FROM person WHERE curp >= CAST(:curp AS text) AND curp < CAST(:curp AS text) || '~'
        ORDER BY curp LIMIT :people) q
        JOIN request r ON r.person_id = q.id
        WHERE {% include "search_visible.sql" %} ORDER BY r.submitted_at DESC LIMIT :limit)
), found AS (SELECT * FROM partial f ORDER BY f.submitted_at DESC LIMIT :limit)
{% include "search_found.sql" %}
