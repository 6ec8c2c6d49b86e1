WITH found AS (
    SELECT r.* FROM person q JOIN request r ON r.person_id = q.id
    WHERE ((q.curp = :number AND q.declared_at IS NULL) OR (q.curp = :number AND q.declared_at IS NOT NULL)
        OR q.nss = :number OR q.id = (SELECT f.person_id FROM former_curp f WHERE f.curp = :number))
        AND {% include "search_visible.sql" %}
    ORDER BY r.submitted_at DESC LIMIT :limit
)
{% include "search_found.sql" %}
