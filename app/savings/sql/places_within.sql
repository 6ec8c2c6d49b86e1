{# Regions, states or units with the state and the region they lie in. #}
SELECT DISTINCT code, state, region
FROM (
    {%- if geography == "R" %}
    SELECT region AS code, CAST(NULL AS text) AS state, CAST(NULL AS text) AS region FROM saving_region
    {%- elif geography == "S" %}
    SELECT state AS code, CAST(NULL AS text) AS state, region FROM saving_region
    {%- else %}
    SELECT u.id::text AS code, u.state_code AS state, r.region
    FROM unit u
    LEFT JOIN saving_region r ON r.state = u.state_code
    {%- endif %}
) p
WHERE code = ANY(:codes)
