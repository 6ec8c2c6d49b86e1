{# What a person did online in a year, newest first, as the measurement has it, with what they say of it now: the roll-up
   may not have read that yet. #}
{%- set measures = ("counted", "located", "metres", "seconds", "online", "observed", "visits") %}
SELECT
    e.id,
    e.person_id,
    e.service AS of_service,
    e.counts_as AS service,
    e.day,
    coalesce(e.ended_at, e.started_at) AS at,
    e.timezone,
    e.unit_id,
    e.outcome,
    e.is_repeat,
    {{ FOLLOWED }} AS is_followed_by_visit,
    e.correction,
    e.corrected_at,
    {{ WOULD_HAVE_VISITED }} AS would_have_visited
    {%- for name in measures %},
    {{ MEASURES[name].expression }} AS {{ name }}
    {%- endfor %}
FROM (
    SELECT {% for c in COLUMNS if c != "correction" %}t.{{ c }}, {% endfor %}
        CASE WHEN o.id IS NOT NULL THEN o.correction ELSE t.correction END AS correction,
        o.changed_at AS corrected_at
    FROM service_transaction t
    LEFT JOIN own_correction o ON (o.person_id, o.service, o.id) = (t.person_id, t.service, t.id)
    {%- if one %}
    WHERE t.person_id = ANY(:people) AND t.id = :id
    {%- else %}
    WHERE t.person_id = :person_id
        AND t.day BETWEEN :since AND :until
    {%- endif %}
) e
WHERE {{ STANDS }} AND {{ ONLINE }}
ORDER BY e.day DESC, e.id DESC
LIMIT {{ MAX_OWN }}
