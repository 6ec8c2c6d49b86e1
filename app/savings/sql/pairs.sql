{# Whose transactions of which service are looked at together: all of a person and service that the batch touches;
   without a person only the transaction itself. #}
INSERT INTO saving_pair
SELECT DISTINCT person_id, service, CASE WHEN person_id = '{{ UNKNOWN_PERSON }}' THEN transaction_id END
FROM saving_step
UNION
SELECT DISTINCT coalesce(t.person_id, b.person_id), coalesce(t.service, b.service), NULL::uuid
FROM event_batch b
LEFT JOIN ticket t ON (t.unit_id, t.id) = (b.unit_id, b.subject_id)
WHERE b.type IN ({{ TICKETS }}) AND coalesce(t.person_id, b.person_id) IS NOT NULL
