{# What the transactions of the pairs are now: what they were, the batch merged into it, and what follows from the whole.
   Whether one counts depends on the others of the person and service: a repeat within the service's window, a visit for
   the same afterwards, a time held and then booked. All is computed beside the table, and each transaction that
   changed is written once (`write.sql`). #}
{%- macro earlier(columns) -%}
    {%- for c in columns %}
        CASE
            WHEN e.first_event IS NULL OR x.first_event < e.first_event THEN coalesce(x.{{ c }}, e.{{ c }})
            ELSE e.{{ c }}
        END AS {{ c }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
{%- macro assisted(channel) -%}
    CASE WHEN {{ channel }} IN ({{ ASSISTED_CHANNELS }}) THEN {{ channel }} END
{%- endmacro %}
{%- macro later(by, columns) -%}
    {%- for c in columns + (by,) %}
        CASE WHEN x.{{ by }} IS NOT NULL AND (e.{{ by }} IS NULL OR x.{{ by }} > e.{{ by }}) THEN x.{{ c }} ELSE e.{{ c }}
        END AS {{ c }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
{%- macro added(columns) -%}
    {%- for c in columns %}
        coalesce(e.{{ c }}, 0) + coalesce(x.{{ c }}, 0) AS {{ c }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
{%- set age = "extract(year FROM age(d.day, f.birth_on))" %}
{%- set stands = "l.is_own AND NOT l.is_absorbed" %}
{%- set filled = {
    "channel": "coalesce(channel, '')",
    "device": "coalesce(device, '')",
    "outcome": "coalesce(outcome, '" ~ Outcome.OPEN ~ "')",
    "reasons": "coalesce(reasons, '{}')",
    "by_rules": "coalesce(by_rules, false)",
} %}
INSERT INTO saving_after ({{ COLUMNS }})
WITH merged AS (
    SELECT
        coalesce(e.person_id, x.person_id) AS person_id,
        coalesce(e.service, x.service) AS service,
        coalesce(e.id, x.id) AS id,
        e.event_ids || x.event_ids AS event_ids,
        {{- earlier(("counts_as", "device", "first_event")) }},
        {#- Any step by staff makes it theirs; the same of both orders. #}
        coalesce(
            least({{ assisted("e.channel") }}, {{ assisted("x.channel") }}),
            CASE
                WHEN e.first_event IS NULL OR x.first_event < e.first_event THEN coalesce(x.channel, e.channel)
                ELSE e.channel
            END
        ) AS channel,
        least(e.started_at, x.started_at) AS started_at,
        least(e.submitted_at, x.submitted_at) AS submitted_at,
        coalesce(e.is_own, false) OR coalesce(x.is_own, false) AS is_own,
        {{- later("unit_event", ("unit_id",)) }},
        {{- added(("seconds", "steps", "visits")) }},
        {{- later("outcome_event", ("outcome", "ended_at", "reasons", "by_rules")) }},
        {{- later("due_event", ("due_on",)) }},
        coalesce(e.hold_id, x.hold_id) AS hold_id,
        {{- later("survey_event", ("would_have_visited", "satisfaction")) }},
        {{- later("correction_event", ("correction",)) }},
        {{- later("attendance_event", ("attendance",)) }}
    FROM saving_before e
    FULL JOIN saving_merge x ON e.person_id = x.person_id AND e.service = x.service AND e.id = x.id
),
{# Its day by the clock of its unit, who the person was when it began, where the unit is: from the whole transaction,
   whatever of it came first. Profiles count from a midnight in the country's centre, so instants are compared. The
   distance is the great circle's, with the mean radius of the IUGG, 6,371,008.8 m. #}
described AS MATERIALIZED (
    SELECT
        m.*,
        d.timezone,
        d.day,
        coalesce(u.state_code, '') AS state,
        coalesce(r.region, '') AS region,
        CASE
            WHEN f.birth_on IS NULL THEN 'unknown'
            WHEN {{ age }} < 18 THEN '0-17'
            WHEN {{ age }} < 30 THEN '18-29'
            WHEN {{ age }} < 45 THEN '30-44'
            WHEN {{ age }} < 60 THEN '45-59'
            ELSE '60+'
        END AS age_band,
        coalesce(f.sex, 'unknown') AS sex,
        coalesce(f.language, 'unknown') AS language,
        coalesce(f.rurality, 'unknown') AS rurality,
        CASE
            WHEN u.latitude IS NOT NULL
                THEN round(
                    12742017.6 * asin(sqrt(
                        power(sin(radians(u.latitude - f.latitude) / 2), 2)
                        + cos(radians(f.latitude)) * cos(radians(u.latitude))
                        * power(sin(radians(u.longitude - f.longitude) / 2), 2)
                    ))
                )::int
        END AS metres,
        coalesce(w.days, a.days, 0) AS window_days,
        m.is_own AND m.outcome = {{ Outcome.COMPLETED }} AS is_done,
        m.person_id <> '{{ UNKNOWN_PERSON }}' AS is_somebody
    FROM merged m
    LEFT JOIN unit u ON u.id = m.unit_id
    CROSS JOIN LATERAL (
        SELECT
            z.timezone,
            {{ local_day(
                "CASE WHEN m.outcome IN ('" ~ ENDED | join("', '") ~ "') THEN m.ended_at ELSE m.started_at END",
                "z.timezone",
            ) }} AS day
        FROM (SELECT coalesce(u.timezone, '{{ DEFAULT_ZONE }}') AS timezone) z
    ) d
    LEFT JOIN LATERAL (
        SELECT *
        FROM saving_profile p
        WHERE p.person_id = m.person_id
            AND CAST(p.since AS timestamp) AT TIME ZONE '{{ DEFAULT_ZONE }}' <= m.started_at
        ORDER BY p.since DESC
        LIMIT 1
    ) f ON true
    LEFT JOIN saving_region r ON r.state = u.state_code
    LEFT JOIN saving_window w ON w.service = m.counts_as
    LEFT JOIN saving_window a ON a.service = '*'
),
{# Which booking a hold became: one, so that its seconds are in one transaction. #}
absorbing AS MATERIALIZED (
    SELECT DISTINCT ON (person_id, service, hold_id) person_id, service, hold_id, id
    FROM described
    WHERE hold_id IS NOT NULL AND is_somebody
    ORDER BY person_id, service, hold_id, id
),
{# A completion is a repeat when one came in the window before it, itself a repeat or not: a chain counts once. A person
   is counted in a period with the first of their transactions in it: the one before was in an earlier period. #}
flagged AS (
    SELECT
        l.*,
        coalesce(
            l.is_somebody
            AND l.is_done
            AND lag(l.ended_at) OVER done > l.ended_at - make_interval(days => l.window_days),
            false
        ) AS is_repeat,
        coalesce(
            l.is_somebody
            AND l.is_done
            AND EXISTS (
                SELECT 1
                FROM ticket t
                WHERE t.person_id = l.person_id
                    AND t.service = l.service
                    AND t.appointment_id IS NULL
                    AND t.arrived_at > l.ended_at
                    AND t.arrived_at <= l.ended_at + make_interval(days => l.window_days)
            ),
            false
        ) AS is_followed_by_visit
        {%- for period in ("month", "week", "day") %},
        l.is_somebody
            AND {{ stands }}
            AND coalesce(lag(l.day) OVER stands < CAST(date_trunc('{{ period }}', l.day) AS date), true)
            AS is_first_of_{{ period }}
        {%- endfor %}
    FROM (
        SELECT d.*, b.id IS NOT NULL AS is_absorbed, coalesce(h.seconds, 0) AS hold_seconds
        FROM described d
        LEFT JOIN absorbing b ON b.person_id = d.person_id AND b.service = d.service AND b.hold_id = d.id
        LEFT JOIN absorbing a ON a.person_id = d.person_id AND a.service = d.service AND a.id = d.id
        LEFT JOIN described h ON h.person_id = a.person_id AND h.service = a.service AND h.id = a.hold_id
    ) l
    WINDOW
        done AS (PARTITION BY l.person_id, l.service, l.counts_as, l.is_done ORDER BY l.ended_at, l.id),
        stands AS (PARTITION BY l.person_id, l.counts_as, {{ stands }} ORDER BY l.day, l.id)
)
SELECT {% for c in COLUMNS %}{{ filled.get(c, c) }}{{ ", " if not loop.last }}{% endfor %}
FROM flagged
