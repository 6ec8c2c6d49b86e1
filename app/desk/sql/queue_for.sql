{# The queue of a service at a unit with its terms, the day there, and what the person has there already. No letter: it
   isn't open yet. #}
SELECT u.timezone, {{ today }} AS on_date, q.letter, q.tolerance, q.walk_in_offset, q.protected, q.appointment_target,
    q.walk_in_target, q.grace,
    (
        SELECT {{ printed("t") }} FROM desk_ticket t
        WHERE t.unit_id = u.id AND t.service = :service AND t.person_id = CAST(:person_id AS uuid)
            AND t.status IN ({{ OPEN }}) AND t.on_date = {{ today }}
    ) AS open_number
FROM unit u LEFT JOIN desk_queue q ON q.unit_id = u.id AND q.service = :service
WHERE u.id = CAST(:unit_id AS uuid)
