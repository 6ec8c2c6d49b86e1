SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, worker_id
FROM procrastinate_fetch_job_v2(CAST(:lanes AS varchar[]), CAST(:worker AS bigint))
