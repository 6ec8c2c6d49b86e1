{# Whether `n`, the pattern that takes the place of another, would make the seat too. -#}
(s.service = n.service AND s.minutes = n.slot_minutes AND s.seat <= n.capacity
AND s.on_date >= n.valid_from AND (n.valid_to IS NULL OR s.on_date <= n.valid_to)
AND extract(isodow FROM s.on_date) = ANY(n.weekdays)
AND CAST(s.start_at AT TIME ZONE u.timezone AS time) >= n.starts
AND CAST(s.start_at AT TIME ZONE u.timezone AS time) <= {{ end_hour("n.ends") }} - make_interval(mins => n.slot_minutes)
AND extract(epoch FROM CAST(s.start_at AT TIME ZONE u.timezone AS time) - n.starts)::integer
    % (n.slot_minutes * 60) = 0)
