DELETE FROM seat s USING unit u
WHERE u.id = s.unit_id AND s.on_date < {{ local_day("CAST(:before AS timestamptz)", "u.timezone") }}
    AND (s.state <> {{ SeatState.BOOKED }} OR EXISTS (SELECT 1 FROM appointment a
        WHERE a.unit_id = s.unit_id AND a.id = s.appointment_id AND a.status <> {{ Status.BOOKED }}))
