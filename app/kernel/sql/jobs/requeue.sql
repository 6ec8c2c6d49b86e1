UPDATE procrastinate_jobs SET status = {{ JobStatus.TODO }}, worker_id = NULL,
    scheduled_at = now() + make_interval(secs => :wait)
WHERE {% include "jobs/mine.sql" %} RETURNING id
