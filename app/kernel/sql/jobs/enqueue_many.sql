SELECT procrastinate_defer_jobs_v1(array_agg(ROW(j.queue, CAST(:task AS varchar), j.priority, j.lock,
    CAST(NULL AS text), j.args, CAST(NULL AS timestamptz))::procrastinate_job_to_defer_v1)) AS ids
FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS j (queue varchar, priority integer, lock text, args jsonb)
