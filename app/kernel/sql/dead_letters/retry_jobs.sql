UPDATE procrastinate_jobs SET status = {{ JobStatus.TODO }}, attempts = 0, scheduled_at = NULL
WHERE {% include "dead_letters/these_jobs.sql" %}
