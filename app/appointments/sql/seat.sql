{# What several statements say of a seat `s`. #}

{# Whether it can be had: free and past its release delay, or held by a hold that has expired. A `person` may also have
   one that they freed themselves, and the `holder` the one that they hold. #}
{% macro can_be_had(by="anyone") -%}
((s.state = {{ SeatState.FREE }} AND {% if by == "anyone" %}s.free_from <= :now
        {%- else %}(s.free_from <= :now OR s.freed_by = CAST(:person_id AS uuid)){% endif %})
    OR (s.state = {{ SeatState.HELD }} AND {% if by != "holder" %}s.held_until <= :now
        {%- else %}(s.held_until <= :now OR s.holder_id = CAST(:person_id AS uuid)){% endif %}))
{%- endmacro %}

{# Whether it can be had as the pages show it: from a time on, at a unit that operates. What is left of before at a unit
   out of operation isn't offered. The states stand by themselves, for the index of what is offered. #}
{% macro is_shown(by="anyone") -%}
s.start_at >= :earliest AND s.state IN ({{ OFFERED }}) AND {{ can_be_had(by) }}
    AND (SELECT is_operating FROM unit WHERE id = CAST(:unit_id AS uuid))
{%- endmacro %}

{# Whether it is with the person's own doctor: a room and a shift. Who has no shift of their own is attended in any. #}
{% macro is_mine() -%}
(s.room IS NOT DISTINCT FROM CAST(:room AS integer)
    AND (CAST(:shift AS text) IS NULL OR s.shift = CAST(:shift AS text)))
{%- endmacro %}

{# Whether it leaves the person's other appointments alone. Asked only if they have one: the index lacks the minutes. #}
{% macro is_not_busy() -%}
NOT tstzrange(s.start_at, s.start_at + make_interval(mins => s.minutes))
    && CAST(CAST(:busy AS text) AS tstzmultirange)
{%- endmacro %}

{# Whether it is the one that `other` names. #}
{% macro is_of(other) -%}
(s.unit_id, s.room, s.start_at, s.seat) = ({{ other }}.unit_id, {{ other }}.room, {{ other }}.start_at, {{ other }}.seat)
{%- endmacro %}

{# Release it. One that was closed meanwhile isn't offered again. #}
{% macro release() -%}
state = CASE WHEN s.closed_by IS NULL THEN {{ SeatState.FREE }} ELSE {{ SeatState.CLOSED }} END, holder_id = NULL,
    hold_id = NULL, held_until = NULL, appointment_id = NULL
{%- endmacro %}
