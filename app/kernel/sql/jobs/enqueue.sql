SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(CAST(:queue AS varchar), CAST(:task AS varchar),
    CAST(:priority AS integer), CAST(:lock AS text), CAST(NULL AS text), CAST(:args AS jsonb),
    CAST(NULL AS timestamptz))]::procrastinate_job_to_defer_v1[])) AS id
