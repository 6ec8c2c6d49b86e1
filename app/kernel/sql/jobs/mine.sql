id = :id AND status = {{ JobStatus.DOING }} AND (worker_id = :worker OR worker_id IS NULL)
