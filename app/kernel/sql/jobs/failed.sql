UPDATE procrastinate_jobs SET status = {{ JobStatus.FAILED }}, attempts = attempts + 1, abort_requested = false
WHERE {% include "jobs/mine.sql" %} RETURNING id
