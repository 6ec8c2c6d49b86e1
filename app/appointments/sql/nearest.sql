{# The free times nearest to one, before it and after it. -#}
{% import "seat.sql" as seat -%}
{% set wanted = "CAST(:wanted AS timestamptz)" -%}
{% set day = local_day(wanted, "(SELECT timezone FROM unit WHERE id = CAST(:unit_id AS uuid))") -%}
SELECT start_at, room FROM (
    (SELECT DISTINCT ON (s.start_at) s.start_at, s.room FROM seat s
        WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
            AND s.on_date BETWEEN {{ day }} - 1 AND least({{ day }} + 7, CAST(:last AS date))
            AND s.start_at >= {{ wanted }} AND {{ seat.is_shown("person") }}
        ORDER BY s.start_at, s.room LIMIT :count)
    UNION ALL
    (SELECT DISTINCT ON (s.start_at) s.start_at, s.room FROM seat s
        WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
            AND s.on_date BETWEEN {{ day }} - 1 AND least({{ day }} + 1, CAST(:last AS date))
            AND s.start_at < {{ wanted }} AND {{ seat.is_shown("person") }}
        ORDER BY s.start_at DESC, s.room LIMIT :count)
) near
ORDER BY abs(extract(epoch FROM start_at - {{ wanted }})) LIMIT :count
