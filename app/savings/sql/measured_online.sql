{# What people answered and the time they spent online, by service. #}
SELECT
    service,
    sum(asked)::bigint AS asked,
    sum(would_have_visited)::bigint AS would_have_visited,
    sum(observed)::bigint AS observed,
    sum(seconds)::bigint AS seconds,
    sum(seconds_sq) AS seconds_sq
FROM saving_cell
WHERE period_type = 'M'
    AND geography = 'R'
    AND segment = ''
    AND period BETWEEN :since AND :until
    AND channel IN ({{ ONLINE_CHANNELS }})
GROUP BY service
