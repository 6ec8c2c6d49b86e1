{# A change of an appointment counts as the same whatever the appointment is for, so a person's changes go together. #}
INSERT INTO saving_pair
SELECT DISTINCT o.person_id, o.service, NULL::uuid
FROM (
    SELECT person_id
    FROM saving_step
    WHERE counts_as <> service AND person_id <> '{{ UNKNOWN_PERSON }}'
    UNION
    SELECT e.person_id
    FROM saving_pair p
    JOIN service_transaction e ON e.person_id = p.person_id AND e.service = p.service
    WHERE p.transaction_id IS NULL AND e.counts_as <> e.service
) c
JOIN service_transaction o ON o.person_id = c.person_id AND o.counts_as <> o.service
WHERE NOT EXISTS (SELECT 1 FROM saving_pair p WHERE p.person_id = o.person_id AND p.service = o.service)
