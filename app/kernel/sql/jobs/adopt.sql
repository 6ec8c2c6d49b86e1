UPDATE procrastinate_jobs SET worker_id = :worker WHERE status = {{ JobStatus.DOING }}
    AND id = ANY(CAST(:running AS bigint[]))
