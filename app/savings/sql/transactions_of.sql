{# A unit's transactions in the shape of cells; each person is counted in the first of theirs of a period. #}
{%- set value = "e." ~ column_of(plan.segment) if plan.segment else "''" %}
SELECT
    e.day AS period,
    e.unit_id::text AS place,
    e.counts_as AS service,
    e.channel,
    {{ value }} AS segment_value
    {%- for name, measure in MEASURES.items() %},
    ({{ measure.expression.format(first="e.is_first_of_" ~ counted_in) }})::bigint AS {{ name }}
    {%- endfor %}
FROM service_transaction e
WHERE e.unit_id = CAST(:unit AS uuid)
    AND e.day BETWEEN :since AND :until
    {%- if "services" in filters %}
    AND e.counts_as = ANY(:services)
    {%- endif %}
    {%- if "channels" in filters %}
    AND e.channel = ANY(:channels)
    {%- endif %}
    {%- if "values" in filters %}
    AND {{ value }} = ANY(:values)
    {%- endif %}
    {%- if "states" in filters %}
    AND e.state = ANY(:states)
    {%- endif %}
    {%- if "regions" in filters %}
    AND e.region = ANY(:regions)
    {%- endif %}
