SELECT a.folio, a.service, u.name AS unit_name, u.clues, a.start_at, u.timezone, count(*) OVER () AS total
FROM appointment a JOIN unit u ON u.id = a.unit_id
WHERE NOT u.is_operating AND a.status = {{ Status.BOOKED }} AND a.start_at > :now ORDER BY u.clues, a.start_at
LIMIT :limit
