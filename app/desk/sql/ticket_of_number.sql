{# Today's ticket of a number, as people read it. #}
SELECT t.id FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.on_date = {{ today }} AND t.letter = :letter AND t.number = :number
