{# The same people as a list: an OR over an EXISTS would read every appointment there is. #}
SELECT CAST(:actor_id AS uuid) UNION ALL
SELECT person_id FROM dependant WHERE holder_id = CAST(:holder_id AS uuid)
