task_name = :name AND :reason = '' AND status = {{ JobStatus.FAILED }} AND id <= CAST(CAST(:last AS text) AS bigint)
