UPDATE procrastinate_jobs SET status = {{ JobStatus.TODO }}, attempts = attempts + 1, worker_id = NULL,
    scheduled_at = now() + make_interval(secs => :wait)
WHERE {% include "jobs/mine.sql" %} RETURNING id
