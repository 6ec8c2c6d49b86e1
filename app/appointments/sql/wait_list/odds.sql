{# How many entries of a unit and service ended since a day, those that their person's own change of mind ended left
   out, and how many of them by a time that was accepted. -#}
SELECT count(*) AS entries, count(*) FILTER (WHERE end_reason = {{ EndReason.ACCEPTED }}) AS filled
FROM wait_entry
WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND status = {{ EntryStatus.ENDED }}
    AND draw_id IS NULL
    AND ended_at > CAST(:since AS timestamptz)
    AND end_reason IN ({{ EndReason.ACCEPTED }}, {{ EndReason.APPOINTMENT_OVER }}, {{ EndReason.EXPIRED }})
