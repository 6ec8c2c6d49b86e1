SELECT procrastinate_defer_periodic_job_v2(CAST(:queue AS varchar), CAST(:lock AS varchar),
    CAST(:queueing_lock AS varchar), CAST(:task AS varchar), CAST(:priority AS integer), CAST(:id AS varchar),
    CAST(:due AS bigint), CAST(:args AS jsonb))
