{# How a delivery goes on that wasn't taken: it waits, or is a dead letter after the last attempt. -#}
attempts = d.attempts + 1, due_at = CAST(:now AS timestamptz)
    + make_interval(secs => (CAST(:waits AS integer[]))[least(d.attempts + 1, cardinality(CAST(:waits AS integer[])))])
