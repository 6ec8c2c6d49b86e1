UPDATE procrastinate_jobs SET status = {{ JobStatus.CANCELLED }}
WHERE id = :id AND status = {{ JobStatus.FAILED }} RETURNING task_name
