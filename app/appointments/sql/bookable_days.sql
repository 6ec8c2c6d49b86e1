SELECT d.day, {{ rights("p.id", "d.day", "p.birth_on") }} AS rights,
    EXISTS (SELECT 1 FROM referral f WHERE f.person_id = p.id AND f.service = :service
        AND f.unit_id = CAST(:unit_id AS uuid) AND d.day BETWEEN f.starts_on AND f.ends_on) AS has_referral,
    (SELECT count(*) FROM appointment o WHERE o.person_id = p.id AND o.service = :service AND o.on_date = d.day
        AND o.status IN ({{ COUNTED }}) AND o.id IS DISTINCT FROM CAST(:moving AS uuid)
        AND o.start_at BETWEEN d.day - interval '2 days' AND d.day + interval '2 days') AS same_day,
    (SELECT max(o.on_date) FROM appointment o WHERE o.person_id = p.id AND o.service = :service
        AND o.status IN ({{ COUNTED }}) AND o.id IS DISTINCT FROM CAST(:moving AS uuid)) AS last_on
FROM person p CROSS JOIN unnest(CAST(:days AS date[])) AS d(day)
WHERE p.id = CAST(:person_id AS uuid) ORDER BY d.day
