UPDATE procrastinate_jobs SET status = {{ JobStatus.CANCELLED }}
WHERE {% include "dead_letters/these_jobs.sql" %}
