UPDATE procrastinate_jobs SET status = {{ JobStatus.SUCCEEDED }}, attempts = attempts + 1, abort_requested = false
WHERE {% include "jobs/mine.sql" %} OR id = :id AND status = {{ JobStatus.TODO }} RETURNING id
