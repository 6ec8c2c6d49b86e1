SELECT queue_name, 'running' AS state, count(*) AS jobs, NULL::double precision AS oldest
    FROM procrastinate_jobs WHERE status = {{ JobStatus.DOING }} GROUP BY queue_name
UNION ALL
SELECT queue_name, 'delayed', count(*), NULL
    FROM procrastinate_jobs WHERE status = {{ JobStatus.TODO }} AND scheduled_at > now() GROUP BY queue_name
UNION ALL
SELECT w.queue_name, 'waiting', w.jobs, extract(epoch FROM now() - coalesce(f.scheduled_at, (
        SELECT min(at) FROM procrastinate_events e WHERE e.job_id = f.id AND e.type = 'deferred')))
    FROM (SELECT queue_name, count(*) AS jobs, min(id) AS first FROM procrastinate_jobs
        WHERE status = {{ JobStatus.TODO }} AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY queue_name) w
    JOIN procrastinate_jobs f ON f.id = w.first
