{# All that a decision about a person needs, and the response stored for the idempotency key, if there is one.

   `target` is what the decision is about: a place asked for, or the seat held. Without it the row still comes. The
   appointment that is being moved (`moved_id`) is left out of all that counts, so a move is checked like a booking by a
   person without it.

   Who may act: the person, or the holder they depend on until they are 18. Staff are checked by unit in the service.
   A token that has not been looked up yet (`token_issued_at`) may have been revoked.
   Rights of a dependant are the holder's, for as long as the dependence lasts on the day of the appointment. -#}
SELECT p.unit_id AS assigned_unit_id, p.room AS assigned_room,
    p.id = CAST(:actor_id AS uuid) OR EXISTS (
        SELECT 1 FROM dependant x WHERE x.holder_id = CAST(:holder_id AS uuid) AND x.person_id = p.id
        AND {{ is_registered("x", "d.today") }} AND {{ is_minor("p.birth_on", "d.today") }}) AS is_theirs,
    {{ is_revoked }} AS is_revoked,
    t.unit_id, t.service, t.room, t.start_at, t.minutes, t.is_live,
    u.timezone, u.name AS unit_name, u.clues, u.is_operating, d.on_date, d.today,
    {{ rights("p.id", "d.on_date", "p.birth_on") }} AS rights,
    EXISTS (SELECT 1 FROM active_appointment v
        WHERE v.person_id = p.id AND v.service = t.service AND v.start_at > :now
        AND v.appointment_id IS DISTINCT FROM CAST(:moved_id AS uuid)) AS has_active,
    o.same_day, o.has_clash,
    (SELECT max(o.on_date) FROM appointment o WHERE t.service = 'preventive' AND o.person_id = p.id
        AND o.service = t.service AND o.status IN ({{ COUNTED }})
        AND o.id IS DISTINCT FROM CAST(:moved_id AS uuid)) AS last_on,
    EXISTS (SELECT 1 FROM referral f WHERE f.person_id = p.id AND f.service = t.service AND f.unit_id = u.id
        AND d.on_date BETWEEN f.starts_on AND f.ends_on) AS has_referral,
    k.fingerprint, k.status, k.headers, k.body, CAST(:call AS integer) AS call
    {#- Who moves has often held the new time first: the event names that hold, so that the seconds of both add up. #}
    {%- if finds_hold %},
    (SELECT s.hold_id FROM seat s WHERE s.unit_id = t.unit_id AND s.room = t.room AND s.start_at = t.start_at
        AND s.state = {{ SeatState.HELD }} AND s.holder_id = p.id AND s.service = t.service LIMIT 1) AS hold_id
    {%- endif %}
FROM person p
LEFT JOIN unit h ON h.id = p.unit_id
LEFT JOIN LATERAL ({% include target ~ ".sql" %}) t ON true
LEFT JOIN unit u ON u.id = t.unit_id
LEFT JOIN LATERAL (
    SELECT {{ local_day("t.start_at", "u.timezone") }} AS on_date,
        {{ local_day(now, "coalesce(u.timezone, h.timezone, " ~ default_zone ~ ")") }} AS today) d ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.service = t.service AND o.on_date = d.on_date
            AND o.status IN ({{ COUNTED }})) AS same_day,
        count(*) FILTER (WHERE o.status = {{ Status.BOOKED }}
            AND o.start_at < t.start_at + make_interval(mins => coalesce(t.minutes, 1))
            AND t.start_at < o.start_at + make_interval(mins => o.minutes)) > 0 AS has_clash
    FROM appointment o
    WHERE o.person_id = p.id AND o.id IS DISTINCT FROM CAST(:moved_id AS uuid)
        AND o.start_at BETWEEN t.start_at - interval '2 days' AND t.start_at + interval '2 days') o ON true
LEFT JOIN idempotency_key k ON k.owner = :owner AND k.key = :key
WHERE p.id = CAST(:person_id AS uuid)
