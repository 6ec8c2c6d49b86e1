SELECT id, task_name, (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id) AS at
FROM procrastinate_jobs j WHERE status = {{ JobStatus.FAILED }} ORDER BY id LIMIT :limit
