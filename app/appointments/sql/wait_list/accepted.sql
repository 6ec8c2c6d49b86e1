{# Parts of the same statement (`done`): the offer is accepted, its entry ends, and so does the freed seat's row. -#}
accepted AS (
    UPDATE wait_offer o SET answer = {{ OfferAnswer.ACCEPTED }}, answered_at = CAST(:now AS timestamptz),
        answered_by = CAST(:answered_by AS text)
    FROM {{ done }}, asked WHERE (o.unit_id, o.id) = (asked.unit_id, asked.id)
    RETURNING o.unit_id, o.entry_id, o.freed_seat_id
),
entry_ended AS (
    UPDATE wait_entry e SET status = {{ EntryStatus.ENDED }}, end_reason = {{ EndReason.ACCEPTED }},
        ended_at = CAST(:now AS timestamptz), version = e.version + 1
    FROM accepted a WHERE (e.unit_id, e.id) = (a.unit_id, a.entry_id)
),
seat_filled AS (
    UPDATE freed_seat f SET outcome = {{ Outcome.ACCEPTED }}, ended_at = CAST(:now AS timestamptz)
    FROM accepted a WHERE (f.unit_id, f.id) = (a.unit_id, a.freed_seat_id)
)
