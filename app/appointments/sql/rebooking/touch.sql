{# A new version: a change that waited for the closure has not seen the offer, and is refused as out of date. -#}
UPDATE appointment SET version = version + 1
WHERE unit_id = CAST(:unit_id AS uuid) AND id = ANY(CAST(:appointments AS uuid[]))
