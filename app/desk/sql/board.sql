{# What the board of a unit shows, in one row: the calls since an instant, at least the last five, and how many wait in
   each queue. The counter of a ticket that has ended is in the event of its last call, found by the ticket's id among
   the events of the day. No person and no service: the letter of a queue. #}
SELECT u.name, u.clues, u.timezone, {{ today }} AS on_date,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'number', {{ printed("c") }}, 'counter', c.counter, 'kind', r.kind,
            'called_at', c.called_at, 'times', c.calls, 'is_open', c.status = {{ TicketStatus.CALLED }}
        ) ORDER BY c.called_at DESC, c.number DESC), '[]')
        FROM (
            SELECT t.letter, t.number, t.called_at, t.calls, t.status, t.unit_id,
                row_number() OVER (ORDER BY t.called_at DESC) AS place,
                coalesce(t.counter, (
                    SELECT (e.payload ->> 'window')::integer FROM event e
                    WHERE e.subject_id = t.id AND e.type = 'ticket.called' AND e.id >= CAST(:first_id AS uuid)
                    ORDER BY e.id DESC LIMIT 1
                )) AS counter
            FROM desk_ticket t
            WHERE t.unit_id = u.id AND t.on_date = {{ today }} AND t.called_at IS NOT NULL
                AND t.status NOT IN ({{ TicketStatus.WAITING }}, {{ TicketStatus.PARKED }})
            ORDER BY t.called_at DESC LIMIT CAST(:most AS integer)
        ) c LEFT JOIN room r ON (r.unit_id, r.number) = (c.unit_id, c.counter)
        WHERE c.place <= CAST(:least AS integer) OR c.called_at >= CAST(:since AS timestamptz)
    ) AS calls,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object('letter', q.letter, 'waiting', (
            SELECT count(*) FROM desk_ticket t
            WHERE t.unit_id = u.id AND t.service = q.service AND t.status = {{ TicketStatus.WAITING }}
                AND t.on_date = {{ today }}
        )) ORDER BY q.letter), '[]')
        FROM desk_queue q WHERE q.unit_id = u.id
    ) AS waiting,
    (
        SELECT count(*) FROM counter_session s WHERE s.unit_id = u.id AND s.status = 'open'
    ) AS counters_open
FROM unit u WHERE u.id = CAST(:unit_id AS uuid)
