{# `reminder_rules` as SQL; a test compares them. Local times are timestamps without a zone. -#}
{% macro is_waking(local) %}({{ local }})::time >= '{{ WAKES }}' AND ({{ local }})::time < '{{ SLEEPS }}'{% endmacro %}
{% macro awake(local) -%}
CASE WHEN ({{ local }})::time < '{{ WAKES }}' THEN ({{ local }})::date - 1 + time '{{ LAST_CALL }}'
    WHEN ({{ local }})::time >= '{{ SLEEPS }}' THEN ({{ local }})::date + time '{{ LAST_CALL }}' ELSE {{ local }} END
{%- endmacro %}
{% macro due_times(start_at, zone) -%}
({{ awake(start_at ~ " AT TIME ZONE " ~ zone ~ " - interval '3 days'") }}) AT TIME ZONE {{ zone }} AS days_3,
({{ awake(start_at ~ " AT TIME ZONE " ~ zone ~ " - interval '1 day'") }}) AT TIME ZONE {{ zone }} AS day_1,
({{ awake("(" ~ start_at ~ " - interval '3 hours') AT TIME ZONE " ~ zone) }}) AT TIME ZONE {{ zone }} AS hours_3
{%- endmacro %}
{% macro due_of(moment, times) -%}
CASE {{ moment }} WHEN {{ Moment.DAYS_3 }} THEN {{ times }}.days_3 WHEN {{ Moment.DAY_1 }} THEN {{ times }}.day_1
    ELSE {{ times }}.hours_3 END
{%- endmacro %}
{% macro until_of(moment, times, start_at) -%}
CASE {{ moment }} WHEN {{ Moment.DAYS_3 }} THEN {{ times }}.day_1 WHEN {{ Moment.DAY_1 }} THEN {{ times }}.hours_3
    ELSE {{ start_at }} END
{%- endmacro %}
{# How much further ahead than usual appointments are looked at: where the time looked at holds the hour to which those
   of the night move back, until the next morning; else an hour, for a change of the clock. -#}
{% macro reach(clock, since) -%}
CASE WHEN ({{ clock }} - interval '{{ LAST_CALL }}')::date > ({{ since }} - interval '{{ LAST_CALL }}')::date
    THEN interval '13 hours' ELSE interval '1 hour' END
{%- endmacro %}
