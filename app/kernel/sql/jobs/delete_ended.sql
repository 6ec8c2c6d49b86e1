DELETE FROM procrastinate_jobs j
WHERE status IN ({{ JobStatus.SUCCEEDED }}, {{ JobStatus.CANCELLED }}, {{ JobStatus.ABORTED }}) AND id IN
    (SELECT job_id FROM procrastinate_events e WHERE e.job_id = j.id GROUP BY job_id HAVING max(at) < :before)
