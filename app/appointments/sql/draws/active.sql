{# The draws of a unit that haven't ended: who waits for a seat of each, and the seats that it can give now. -#}
{% import "release.sql" as release with context -%}
SELECT w.id, w.on_date, w.room, w.shift, w.service, w.status,
    (SELECT count(*) FROM draw_registration r
        LEFT JOIN wait_entry e ON (e.unit_id, e.id) = (r.unit_id, r.id) AND e.status = {{ EntryStatus.ENDED }}
        WHERE r.unit_id = w.unit_id AND r.draw_id = w.id AND r.cancelled_at IS NULL AND e.id IS NULL) AS people,
    (SELECT count(*) FROM seat s WHERE {{ release.is_drawn("s", "w", "n", "u.timezone") }}
        AND s.state IN ({{ OFFERED }})) AS seats
FROM draw w LEFT JOIN schedule n ON n.id = w.schedule_id JOIN unit u ON u.id = w.unit_id
WHERE w.unit_id = CAST(:unit_id AS uuid) AND w.status <> {{ DrawStatus.ENDED }}
ORDER BY w.on_date, w.room
