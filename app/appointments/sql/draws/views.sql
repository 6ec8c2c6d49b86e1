{% import "release.sql" as release with context -%}
{# Draws as they are shown: with the seats and registrations that they have now while they are open, and how many seats
   were accepted. `by` says which. A draw of a schedule that was withdrawn is shown, without seats. -#}
SELECT w.unit_id, w.id, w.schedule_id, w.room, w.shift, w.service, w.on_date, w.opens_at, w.closes_at, w.public_at,
    w.seed_digest, encode(w.seed, 'hex') AS seed, w.status, w.drawn_at, u.name AS unit_name, u.timezone,
    CASE WHEN w.status <> {{ DrawStatus.OPEN }} THEN w.seats ELSE (SELECT count(*) FROM seat s
        WHERE s.unit_id = w.unit_id AND s.room = w.room AND s.service = w.service AND s.on_date = w.on_date
            AND s.state = {{ SeatState.FREE }} AND s.freed_by IS NULL AND s.free_from = w.public_at
            AND {{ release.is_of("s.start_at AT TIME ZONE u.timezone", "s.on_date", "n") }}) END AS seats,
    CASE WHEN w.status <> {{ DrawStatus.OPEN }} THEN w.registrations ELSE (SELECT count(*) FROM draw_registration r
        WHERE r.unit_id = w.unit_id AND r.draw_id = w.id AND r.cancelled_at IS NULL) END AS registrations,
    (SELECT count(*) FROM freed_seat f WHERE f.unit_id = w.unit_id AND f.draw_id = w.id
        AND f.outcome = {{ Outcome.ACCEPTED }}) AS taken,
    (SELECT count(*) FROM seat s WHERE {{ release.is_drawn("s", "w", "n", "u.timezone") }}
        AND s.state IN ({{ OFFERED }})) AS seats_left, w.ended_at
FROM draw w LEFT JOIN schedule n ON n.id = w.schedule_id JOIN unit u ON u.id = w.unit_id
WHERE {% if by == "id" %}w.id = CAST(:draw_id AS uuid)
{%- elif by == "open" %}w.unit_id = CAST(:unit_id AS uuid) AND w.service = :service AND w.status = {{ DrawStatus.OPEN }}
    AND w.closes_at > :now
{%- else %}w.unit_id = CAST(:unit_id AS uuid) AND w.opens_at > CAST(:since AS timestamptz){% endif %}
ORDER BY w.on_date {{ "DESC" if by == "unit" else "" }}, w.room LIMIT 100
