{# Periods and places of sums, for the statements that import these. Units lie in states, states in regions. #}
{%- macro period_key(period, column="period") -%}
    {{ column if period == "day" else "CAST(date_trunc('" ~ period ~ "', " ~ column ~ ") AS date)" }}
{%- endmacro %}
{%- set state_of = {"S": "place", "U": "(SELECT u.state_code FROM unit u WHERE u.id = CAST(place AS uuid))"} %}
{#- The region, state or unit of sums of a geography. #}
{%- macro place_key(name, geography) -%}
    {%- if {"region": "R", "state": "S", "unit": "U"}[name] == geography -%}
        place
    {%- elif name == "state" -%}
        {{ state_of[geography] }}
    {%- else -%}
        (SELECT r.region FROM saving_region r WHERE r.state = {{ state_of[geography] }})
    {%- endif %}
{%- endmacro %}
{#- What sums of a geography are grouped by; those of whole periods alone are, by that period, by their own column. #}
{%- macro key(name, geography, whole_period="") -%}
    {%- if name == whole_period -%}
        period
    {%- elif name in PERIODS -%}
        {{ period_key(name) }}
    {%- elif name in PLACES -%}
        {{ place_key(name, geography) }}
    {%- else -%}
        {{ "segment_value" if name in SEGMENTS else name }}
    {%- endif %}
{%- endmacro %}
{#- What restricts sums of a geography to the query's places and services, each condition led by AND. #}
{%- macro conditions(filters, geography) -%}
    {%- if "services" in filters %}
    AND service = ANY(:services)
    {%- endif %}
    {%- if "channels" in filters %}
    AND channel = ANY(:channels)
    {%- endif %}
    {%- if "values" in filters %}
    AND segment_value = ANY(:values)
    {%- endif %}
    {%- if "regions" in filters and geography == "R" %}
    AND place = ANY(:regions)
    {%- elif "regions" in filters and geography == "S" %}
    AND place IN (SELECT state FROM saving_region WHERE region = ANY(:regions))
    {%- elif "regions" in filters %}
    AND place IN (
        SELECT u.id::text FROM unit u JOIN saving_region r ON r.state = u.state_code WHERE r.region = ANY(:regions)
    )
    {%- endif %}
    {%- if "states" in filters and geography == "S" %}
    AND place = ANY(:states)
    {%- elif "states" in filters and geography == "U" %}
    AND place IN (SELECT id::text FROM unit WHERE state_code = ANY(:states))
    {%- endif %}
    {%- if "unit" in filters and geography == "U" %}
    AND place = :unit
    {%- endif %}
{%- endmacro %}
