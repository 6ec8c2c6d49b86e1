{# When a seat of a schedule `n` is released first; `release.py` says the same in Python. #}

{# Whether a seat is a schedule's, by its local time and day: a room has one use at a time, so what lies within the hours on
   a day of the schedule is the schedule's. A room may have several of a service and day, in the morning and in the
   afternoon, and one that was withdrawn has no days. #}
{% macro is_of(local, day, n) -%}
(CAST({{ local }} AS time) >= {{ n }}.starts AND CAST({{ local }} AS time) < {{ end_hour(n ~ ".ends") }}
    AND {{ day }} >= {{ n }}.valid_from AND ({{ n }}.valid_to IS NULL OR {{ day }} <= {{ n }}.valid_to))
{%- endmacro %}

{# Whether a seat is one that a draw can still give, or could if it were opened again: it is held back for the draw, and
   no one has it. Joined by `w`, its draw, and `n`, the schedule of that. #}
{% macro is_drawn(s, w, n, zone) -%}
{{ s }}.unit_id = {{ w }}.unit_id AND {{ s }}.room = {{ w }}.room AND {{ s }}.service = {{ w }}.service
    AND {{ s }}.on_date = {{ w }}.on_date AND {{ s }}.freed_by IS NULL AND {{ s }}.free_from = {{ w }}.public_at
    AND {{ is_of(s ~ ".start_at AT TIME ZONE " ~ zone, s ~ ".on_date", n) }}
{%- endmacro %}

{# Where in the shares of the waves it falls, from 0 to 99: by its number on the day, counted by local time and place,
   and by the day. #}
{% macro percent(local, day, seat, n) -%}
((CAST(extract(epoch FROM CAST({{ local }} AS time) - {{ n }}.starts) AS integer) / ({{ n }}.slot_minutes * 60)
    * {{ n }}.capacity + {{ seat }} - 1 + ({{ day }} - date '1970-01-01')) * {{ percent_step }} % 100)
{%- endmacro %}

{# The instant that a stored moment means for the seats of a day. #}
{% macro moment(stored, day, zone) -%}
(({{ day }} - CAST({{ stored }} ->> 'days' AS integer) + CAST({{ stored }} ->> 'at' AS time)) AT TIME ZONE {{ zone }})
{%- endmacro %}

{# The waves of a schedule with the percents that fall into each: from `above` to below `below`. #}
{% macro waves(n) -%}
(SELECT e.wave, e.number, sum(CAST(e.wave ->> 'share' AS integer)) OVER (ORDER BY e.number) AS below,
    sum(CAST(e.wave ->> 'share' AS integer)) OVER (ORDER BY e.number) - CAST(e.wave ->> 'share' AS integer) AS above
FROM jsonb_array_elements({{ n }}.release -> 'waves') WITH ORDINALITY AS e(wave, number))
{%- endmacro %}

{# When it is released: at once without a release. Of a draw that could have no registration any more, at once too. #}
{% macro released_at(local, day, seat, n, zone) -%}
CASE WHEN {{ n }}.release IS NULL THEN timestamptz 'epoch'
    WHEN jsonb_exists({{ n }}.release, 'waves') THEN (
        SELECT {{ moment("rw.wave", day, zone) }} FROM {{ waves(n) }} rw
        WHERE {{ percent(local, day, seat, n) }} < rw.below ORDER BY rw.below LIMIT 1)
    WHEN {{ moment(n ~ ".release #> '{draw,closes}'", day, zone) }} > :now
        THEN {{ moment(n ~ ".release #> '{draw,public}'", day, zone) }}
    ELSE timestamptz 'epoch' END
{%- endmacro %}
