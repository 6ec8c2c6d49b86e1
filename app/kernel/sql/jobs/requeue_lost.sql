UPDATE procrastinate_jobs SET status = {{ JobStatus.TODO }}, worker_id = NULL
WHERE status = {{ JobStatus.DOING }} AND worker_id = :worker AND id <> ALL(CAST(:running AS bigint[])) RETURNING id
