SELECT u.id FROM unit u WHERE EXISTS (SELECT 1 FROM schedule s WHERE s.unit_id = u.id)
    OR EXISTS (SELECT 1 FROM appointment a WHERE a.unit_id = u.id AND a.affected IS NOT NULL
        AND a.status = {{ Status.BOOKED }})
ORDER BY u.clues
