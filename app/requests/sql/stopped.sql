{# A page of the requests that wait for their citizen, oldest first: after a place, or the last ones `before` it. #}
{% set place = "(CAST(:at AS timestamptz), CAST(:id AS uuid))" -%}
SELECT r.id, r.person_id, r.folio, r.service, r.kind, r.unit_id, z.name, r.stopped_at, r.answer_by,
    r.appointment_folio, p.language, {{ zone }} AS timezone, {{ today }} AS today,
    concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name
{% include "stopped_filter.sql" %}
{%- if before %}
    AND (r.stopped_at, r.id) < {{ place }} ORDER BY r.stopped_at DESC, r.id DESC LIMIT :limit
{%- else %}
    AND (CAST(:id AS uuid) IS NULL OR (r.stopped_at, r.id) > {{ place }}) ORDER BY r.stopped_at, r.id LIMIT :limit
{%- endif %}
