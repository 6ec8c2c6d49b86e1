consumer = :name AND split_part(reason, ':', 1) = :reason AND NOT retry_requested
    AND CAST(extract(epoch FROM failed_at) * 1000000 AS bigint) <= CAST(CAST(:last AS text) AS bigint)
