{# What calls make of the forecasts of their tickets: the first call counts, in whatever order they come. One before the
   forecast was made is of a clock that is wrong. #}
UPDATE desk_forecast f SET called_at = c.at, waited = c.minutes, is_inside = c.minutes BETWEEN f.low AND f.high
FROM (
    SELECT k.unit_id, k.ticket_id, b.at, extract(epoch FROM b.at - k.made_at)::float8 / 60 AS minutes
    FROM (
        SELECT unit_id, subject_id, min(CAST(payload->>'happened_at' AS timestamptz)) AS at
        FROM event_batch WHERE type = {{ called }} GROUP BY unit_id, subject_id
    ) b
    JOIN desk_forecast k ON (k.unit_id, k.ticket_id) = (b.unit_id, b.subject_id)
) c
WHERE (f.unit_id, f.ticket_id) = (c.unit_id, c.ticket_id) AND c.minutes >= 0
    AND (f.called_at IS NULL OR c.at < f.called_at)
