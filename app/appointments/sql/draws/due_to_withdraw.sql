{# Draws of a unit whose seats were taken out of the agenda, before they are the public's: none is left, not even closed,
   and people had not accepted them all. -#}
{% import "release.sql" as release with context -%}
SELECT w.id, w.seed_ciphertext, w.status FROM draw w LEFT JOIN schedule n ON n.id = w.schedule_id
JOIN unit u ON u.id = w.unit_id
WHERE w.unit_id = CAST(:unit_id AS uuid) AND w.status <> {{ DrawStatus.ENDED }} AND w.public_at > :now
    AND NOT EXISTS (SELECT FROM seat s WHERE {{ release.is_drawn("s", "w", "n", "u.timezone") }}
        AND s.state <> {{ SeatState.BOOKED }})
    AND (w.status = {{ DrawStatus.OPEN }} OR w.seats = 0 OR EXISTS (SELECT FROM freed_seat f
        WHERE f.unit_id = w.unit_id AND f.draw_id = w.id AND f.outcome IS DISTINCT FROM {{ Outcome.ACCEPTED }}))
ORDER BY w.id FOR UPDATE OF w
