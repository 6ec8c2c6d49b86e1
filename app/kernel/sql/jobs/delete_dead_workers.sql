DELETE FROM procrastinate_workers w WHERE last_heartbeat < now() - interval '1 hour'
    AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.worker_id = w.id AND j.status = {{ JobStatus.DOING }})
