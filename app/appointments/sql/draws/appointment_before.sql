{# The appointment to come that a person has in the service of a draw at its unit, which can attend it, and the earliest
   seat that the draw can give. -#}
{% import "release.sql" as release with context -%}
SELECT a.start_at AS has, (SELECT min(s.start_at) FROM seat s
    WHERE {{ release.is_drawn("s", "w", "n", "u.timezone") }} AND s.state <> {{ SeatState.BOOKED }}) AS earliest
FROM draw w LEFT JOIN schedule n ON n.id = w.schedule_id JOIN unit u ON u.id = w.unit_id
JOIN active_appointment v ON v.unit_id = w.unit_id AND v.service = w.service AND v.start_at > :now
JOIN appointment a ON (a.unit_id, a.id) = (v.unit_id, v.appointment_id) AND a.affected IS NULL
WHERE w.id = CAST(:draw_id AS uuid) AND v.person_id = CAST(:person_id AS uuid)
