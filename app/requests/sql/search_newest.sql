{# The newest requests, of each unit where the caller has some. #}
{%- if at_units -%}
SELECT n.* FROM unnest(CAST(:units AS uuid[])) u (id) CROSS JOIN LATERAL (
    SELECT * FROM request WHERE unit_id = u.id AND submitted_at IS NOT NULL ORDER BY submitted_at DESC LIMIT :newest
) n
{%- else -%}
SELECT * FROM request WHERE submitted_at IS NOT NULL ORDER BY submitted_at DESC LIMIT :newest
{%- endif %}
