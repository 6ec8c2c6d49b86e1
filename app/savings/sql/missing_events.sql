{# How many events the sums were made of that the log no longer has, and how many events it has. #}
SELECT
    (
        SELECT count(*)
        FROM (SELECT unnest(event_ids) AS id FROM service_transaction UNION SELECT unnest(event_ids) FROM ticket) k
        WHERE NOT EXISTS (SELECT FROM event e WHERE e.id = k.id)
    ),
    (SELECT count(*) FROM event WHERE type = ANY(:types))
