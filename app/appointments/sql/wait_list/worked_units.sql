{# Those of some units where someone waits, or a freed seat is the list's. -#}
SELECT u.unit_id FROM unnest(CAST(:units AS uuid[])) AS u(unit_id)
WHERE EXISTS (SELECT FROM wait_entry e WHERE e.unit_id = u.unit_id AND e.status = {{ EntryStatus.ACTIVE }})
    OR EXISTS (SELECT FROM wait_entry e WHERE e.unit_id = u.unit_id AND e.status = {{ EntryStatus.PAUSED }})
    OR EXISTS (SELECT FROM freed_seat f WHERE f.unit_id = u.unit_id AND f.outcome IS NULL)
ORDER BY u.unit_id
