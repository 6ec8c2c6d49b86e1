{# What decides how long who waits at a unit will wait: counters that are open or paused, and since when each has its
   ticket; all who wait today; and appointments of today before an instant whose people haven't come. #}
SELECT 'counter' AS kind, NULL::uuid AS id, s.counter AS number, NULL::text AS letter, s.services, t.service,
    t.called_at AS at, NULL::timestamptz AS first_at, NULL::integer AS room, s.status = 'paused' AS is_paused
FROM counter_session s LEFT JOIN desk_ticket t ON (t.unit_id, t.counter) = (s.unit_id, s.counter)
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.status <> 'closed'
UNION ALL
SELECT 'waiting', t.id, t.number, t.letter, NULL, t.service, t.rank_at, t.first_at, t.room, NULL
FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.status = {{ TicketStatus.WAITING }} AND t.on_date = {{ today }}
UNION ALL
SELECT 'expected', a.id, NULL, NULL, NULL, a.service, a.start_at, NULL, a.room, NULL
FROM appointment a JOIN unit u ON u.id = a.unit_id
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.on_date = {{ today }} AND a.status = {{ AppointmentStatus.BOOKED }}
    AND a.affected IS NULL AND a.start_at < CAST(:before AS timestamptz)
    AND a.start_at > {{ now }} - CAST(:tolerance AS interval)
    AND NOT EXISTS (
        SELECT FROM desk_ticket t WHERE t.unit_id = a.unit_id AND t.appointment_folio = a.folio AND t.status <> 'left'
    )
