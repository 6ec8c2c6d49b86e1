{# The positions of a draw's registrations, by its seed, which is published: as `draw.order_of` says. -#}
UPDATE draw_registration r SET position = o.position, version = r.version + 1
FROM (
    SELECT i.unit_id, i.id,
        row_number() OVER (ORDER BY sha256(w.seed || convert_to(i.code, 'UTF8')), i.code) AS position
    FROM draw_registration i JOIN draw w ON (w.unit_id, w.id) = (i.unit_id, i.draw_id)
    WHERE i.unit_id = CAST(:unit_id AS uuid) AND i.draw_id = CAST(:draw_id AS uuid) AND i.cancelled_at IS NULL
) o
WHERE (r.unit_id, r.id) = (o.unit_id, o.id) AND r.position IS NULL
