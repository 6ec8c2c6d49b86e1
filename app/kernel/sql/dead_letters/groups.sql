{# The exception class, before the colon; the message may differ between events. -#}
SELECT 'event' AS kind, consumer AS name, split_part(reason, ':', 1) AS reason, count(*) AS count,
    CAST(max(CAST(extract(epoch FROM failed_at) * 1000000 AS bigint)) AS text) AS last
FROM dead_letter_event WHERE NOT retry_requested GROUP BY consumer, split_part(reason, ':', 1)
UNION ALL
SELECT 'job', task_name, '', count(*), CAST(max(id) AS text)
FROM procrastinate_jobs WHERE status = {{ JobStatus.FAILED }} GROUP BY task_name
ORDER BY 1, 4 DESC, 2, 3
