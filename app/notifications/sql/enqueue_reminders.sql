{# What became due at some units since they were looked at last: rows and jobs in one statement, with the progress of the
   units. Units that another worker has locked are left to it. A minute is looked at twice, for bookings that were being
   committed; the rows are unique. What waited for the morning is enqueued again. -#}
{% import "reminder_due.sql" as reminder -%}
WITH place AS (
    SELECT p.unit_id, p.until - interval '1 minute' AS since, u.timezone AS zone, {{ now }} AT TIME ZONE u.timezone AS clock
    FROM reminder_progress p
    JOIN unit u ON u.id = p.unit_id
    WHERE p.until < {{ now }} AND {{ reminder.is_waking(now ~ " AT TIME ZONE u.timezone") }}
    ORDER BY p.until, p.unit_id LIMIT :units FOR UPDATE OF p SKIP LOCKED
),
looked AS (
    UPDATE reminder_progress p SET until = {{ now }} FROM place WHERE p.unit_id = place.unit_id RETURNING p.unit_id
),
due AS (
    SELECT a.unit_id, a.id AS appointment_id, a.start_at, m.moment,
        coalesce(q.channel, {{ EMAIL }}) = {{ EMAIL }} AND coalesce(c.email, nullif(b.email, '')) IS NOT NULL AS is_mail
    FROM place
    CROSS JOIN (VALUES {% for moment, ahead in AHEAD.items() %}({{ moment }}, interval '{{ ahead }}'){{ ", " if not loop.last }}{% endfor %}) m (moment, ahead)
    JOIN appointment a ON a.unit_id = place.unit_id AND a.status = {{ Status.BOOKED }} AND a.affected IS NULL
        AND a.start_at > place.since + m.ahead - interval '1 hour'
        AND a.start_at <= {{ now }} + m.ahead + {{ reminder.reach("place.clock", "(place.since AT TIME ZONE place.zone)") }}
    CROSS JOIN LATERAL (SELECT {{ reminder.due_times("a.start_at", "place.zone") }}) t
    CROSS JOIN LATERAL (SELECT {{ reminder.due_of("m.moment", "t") }} AS at,
        {{ reminder.until_of("m.moment", "t", "a.start_at") }} AS until) w
    JOIN person b ON b.id = a.person_id
    LEFT JOIN account c ON c.person_id = a.person_id
    LEFT JOIN reminder_preference q ON q.person_id = a.person_id
    WHERE w.at > place.since AND w.at <= {{ now }} AND {{ now }} < w.until AND a.changed_at <= w.at
        AND (m.moment <> {{ Moment.HOURS_3 }} OR EXISTS (
            SELECT 1 FROM reminder_preference o WHERE o.hours_3 AND (o.person_id IN (a.person_id, a.booked_by_id)
                OR EXISTS (SELECT 1 FROM dependant d WHERE d.person_id = a.person_id AND d.holder_id = o.person_id))
        ))
),
added AS (
    INSERT INTO reminder (id, unit_id, appointment_id, start_at, moment, created_at)
    SELECT CAST(md5(concat_ws('|', appointment_id, extract(epoch FROM start_at), moment)) AS uuid),
        unit_id, appointment_id, start_at, moment, {{ now }}
    FROM due ON CONFLICT DO NOTHING
    RETURNING id, appointment_id, moment
),
woken AS (
    UPDATE reminder r SET status = 'queued' FROM place WHERE r.unit_id = place.unit_id AND r.status = 'waiting'
    RETURNING r.id
),
queued AS (
    SELECT added.id, due.is_mail FROM added JOIN due USING (appointment_id, moment)
    UNION ALL SELECT id, true FROM woken
),
batch AS (
    SELECT is_mail, jsonb_agg(id) AS ids
    FROM (SELECT *, (row_number() OVER (PARTITION BY is_mail ORDER BY id) - 1) / CAST(:batch AS integer) AS part FROM queued) n
    GROUP BY is_mail, part
),
job AS (
    SELECT procrastinate_defer_jobs_v1(array_agg(ROW(CASE WHEN is_mail THEN CAST(:mail_lane AS varchar)
        ELSE CAST(:sms_lane AS varchar) END, CAST(:task AS varchar), CAST(:priority AS integer), CAST(NULL AS text),
        CAST(NULL AS text), jsonb_build_object('reminder_ids', ids), CAST(NULL AS timestamptz)
    )::procrastinate_job_to_defer_v1)) AS ids FROM batch HAVING count(*) > 0
)
SELECT (SELECT count(*) FROM looked) AS units, (SELECT count(*) FROM queued) AS reminders,
    coalesce((SELECT sum(cardinality(ids)) FROM job), 0) AS jobs
