UPDATE procrastinate_jobs SET status = {{ JobStatus.TODO }}, attempts = 0, scheduled_at = NULL
WHERE id = :id AND status = {{ JobStatus.FAILED }} RETURNING task_name
