{# The transactions of the pairs as they are stored. #}
INSERT INTO saving_before
SELECT e.*
FROM saving_pair p
JOIN service_transaction e ON e.person_id = p.person_id AND e.service = p.service
    AND (p.transaction_id IS NULL OR e.id = p.transaction_id)
