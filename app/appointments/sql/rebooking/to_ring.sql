{# Open offers of a unit, by the original time. -#}
SELECT o.cause_id, count(*) FILTER (WHERE o.reply_by <= :now) AS overdue, count(*) AS open, min(o.start_at) AS first_at
FROM rebooking_offer o JOIN appointment a ON a.unit_id = o.unit_id AND a.id = o.appointment_id
WHERE o.unit_id = CAST(:unit_id AS uuid) AND o.answer IS NULL AND a.status = {{ Status.BOOKED }}
GROUP BY o.cause_id ORDER BY min(o.start_at)
