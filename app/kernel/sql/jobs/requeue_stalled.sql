UPDATE procrastinate_jobs j SET attempts = attempts + 1, worker_id = NULL,
    status = CASE WHEN attempts + 1 >= :most THEN {{ JobStatus.FAILED }} ELSE {{ JobStatus.TODO }}
        END::procrastinate_job_status
WHERE status = {{ JobStatus.DOING }} AND pg_postmaster_start_time() < now() - make_interval(secs => 2 * :silent)
    AND NOT EXISTS (SELECT 1 FROM procrastinate_workers w WHERE w.id = j.worker_id
        AND w.last_heartbeat > now() - make_interval(secs => :silent)) RETURNING id
