{# Who has a CURP or had it before it was corrected, or has a social-security number. -#}
WITH found AS (
    SELECT q.id, 1 AS place FROM person q
    WHERE (q.curp = :number AND q.declared_at IS NULL) OR (q.curp = :number AND q.declared_at IS NOT NULL)
        OR q.nss = :number OR q.id = (SELECT f.person_id FROM former_curp f WHERE f.curp = :number)
)
{% include "people_found.sql" %}
