SELECT 'event' AS kind, consumer AS name, count(*) AS n FROM dead_letter_event
WHERE NOT retry_requested GROUP BY consumer
UNION ALL SELECT 'job', task_name, count(*) FROM procrastinate_jobs
WHERE status = {{ JobStatus.FAILED }} GROUP BY task_name
