UPDATE personal_data_view v SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
    AND reader_id <> CAST(:to AS uuid) AND NOT EXISTS (SELECT FROM personal_data_view o
        WHERE o.person_id = CAST(:to AS uuid) AND o.hour = v.hour AND o.reader_id = v.reader_id)
