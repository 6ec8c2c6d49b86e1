{# The appointments of a person that a ticket for this service can take: of today at its unit, booked, at an hour that is
   attended, and without a ticket of their own. The earliest first. #}
SELECT a.folio, a.start_at FROM appointment a JOIN unit u ON u.id = a.unit_id
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.person_id = CAST(:person_id AS uuid) AND a.service = :service
    AND a.on_date = {{ today }} AND a.status = {{ AppointmentStatus.BOOKED }} AND a.affected IS NULL
    AND NOT EXISTS (
        SELECT FROM desk_ticket t
        WHERE t.unit_id = a.unit_id AND t.appointment_folio = a.folio AND t.on_date = a.on_date
            AND t.status <> {{ TicketStatus.LEFT }}
    )
ORDER BY a.start_at, a.folio
