{# Draws of a unit whose seats are the public's, or that were withdrawn (`withdrawn`: these), and of which no one is being
   asked any more. -#}
SELECT w.id, w.service, w.on_date, w.public_at > :now AS is_withdrawn,
    (SELECT count(*) FROM freed_seat f WHERE f.unit_id = w.unit_id AND f.draw_id = w.id
        AND f.outcome = {{ Outcome.ACCEPTED }}) AS taken
FROM draw w
WHERE w.unit_id = CAST(:unit_id AS uuid) AND w.status = {{ DrawStatus.DRAWN }} AND (w.public_at <= :now OR w.id = ANY(CAST(:withdrawn AS uuid[])))
    AND NOT EXISTS (SELECT FROM freed_seat f
        WHERE f.unit_id = w.unit_id AND f.draw_id = w.id AND f.outcome IS NULL)
ORDER BY w.id FOR UPDATE
