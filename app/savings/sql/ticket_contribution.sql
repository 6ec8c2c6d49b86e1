{# What the tickets of a batch contribute to sums, as they are when it runs: `sign` - retracts it. #}
{%- if makes_table %}
CREATE TEMP TABLE IF NOT EXISTS saving_ticket_contribution ON COMMIT DELETE ROWS AS
{%- else %}
INSERT INTO saving_ticket_contribution
{%- endif %}
SELECT
    t.state,
    t.region,
    t.unit_id,
    t.service,
    CAST(date_trunc('month', {{ LOCAL_DAY }}) AS date) AS month,
    extract(isodow FROM t.arrived_at AT TIME ZONE t.timezone)::smallint AS weekday,
    extract(hour FROM t.arrived_at AT TIME ZONE t.timezone)::smallint AS hour
    {%- for name, measure in TICKET_MEASURES.items() %},
    {{ sign }}({{ measure.expression }})::bigint AS {{ name }}
    {%- endfor %}
{%- if makes_table %}
FROM ticket t
WITH NO DATA
{%- else %}
FROM (SELECT DISTINCT unit_id, subject_id FROM event_batch WHERE type IN ({{ TICKETS }})) b
JOIN ticket t ON (t.unit_id, t.id) = (b.unit_id, b.subject_id)
WHERE t.arrived_at IS NOT NULL
{%- endif %}
