{# What an old pattern made: a room has one use at a time, so what lies within the old hours is the old schedule's. -#}
s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer) AND s.service = :service
AND s.start_at > :now AND s.on_date >= CAST(:valid_from AS date)
AND (CAST(:valid_to AS date) IS NULL OR s.on_date <= CAST(:valid_to AS date))
AND extract(isodow FROM s.on_date) = ANY(CAST(:weekdays AS smallint[]))
AND CAST(s.start_at AT TIME ZONE u.timezone AS time) >= CAST(:starts AS time)
AND CAST(s.start_at AT TIME ZONE u.timezone AS time) < {{ end_hour(":ends") }}
