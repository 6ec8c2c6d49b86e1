{# The steps of a batch merged by transaction, into a table of their own. First and last are by event id (UUIDv7: the order they were recorded in),
   sums are of whole numbers, and times are the earliest or the latest: the order of events makes no difference. #}
{%- macro first(column) -%}
    (array_agg({{ column }} ORDER BY id) FILTER (WHERE is_own))[1]
{%- endmacro %}
{%- macro last(column, condition) -%}
    (array_agg({{ column }} ORDER BY id DESC) FILTER (WHERE {{ condition }}))[1]
{%- endmacro %}
{%- if makes_table %}
CREATE TEMP TABLE IF NOT EXISTS saving_merge ON COMMIT DELETE ROWS AS
{%- else %}
INSERT INTO saving_merge
{%- endif %}
SELECT
    person_id,
    service,
    transaction_id AS id,
    array_agg(id) AS event_ids,
    coalesce({{ first("counts_as") }}, service) AS counts_as,
    min(at) AS started_at,
    min(at) FILTER (WHERE type = {{ EventType.SUBMITTED }}) AS submitted_at,
    bool_or(is_own) AS is_own,
    {{ first("id") }} AS first_event,
    coalesce(
        min(channel) FILTER (WHERE is_own AND channel IN ({{ ASSISTED_CHANNELS }})), {{ first("channel") }}
    ) AS channel,
    {{ first("device") }} AS device,
    {{ last("id", "unit_id IS NOT NULL") }} AS unit_event,
    {{ last("unit_id", "unit_id IS NOT NULL") }} AS unit_id,
    sum(seconds)::int AS seconds,
    (count(*) FILTER (WHERE is_own))::int AS steps,
    sum(visits)::int AS visits,
    {{ last("id", "outcome IS NOT NULL") }} AS outcome_event,
    {{ last("outcome", "outcome IS NOT NULL") }} AS outcome,
    {{ last("at", "outcome IS NOT NULL") }} AS ended_at,
    ARRAY(SELECT jsonb_array_elements_text({{ last("to_jsonb(reasons)", "outcome IS NOT NULL") }})) AS reasons,
    {{ last("by_rules", "outcome IS NOT NULL") }} AS by_rules,
    {{ last("id", "due_on IS NOT NULL") }} AS due_event,
    {{ last("due_on", "due_on IS NOT NULL") }} AS due_on,
    {{ last("hold_id", "hold_id IS NOT NULL") }} AS hold_id,
    {{ last("id", "is_survey") }} AS survey_event,
    {{ last("would_have_visited", "is_survey") }} AS would_have_visited,
    {{ last("satisfaction", "is_survey") }} AS satisfaction,
    {{ last("id", "is_correction") }} AS correction_event,
    {{ last("correction", "is_correction") }} AS correction,
    {{ last("id", "attendance IS NOT NULL") }} AS attendance_event,
    {{ last("attendance", "attendance IS NOT NULL") }} AS attendance
FROM saving_step
GROUP BY person_id, service, transaction_id
{{ "WITH NO DATA" if makes_table }}
