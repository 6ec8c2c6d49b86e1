{# What a transaction has in it already isn't added again, however often it is delivered. #}
DELETE FROM saving_step s
USING service_transaction e
WHERE (e.person_id, e.service, e.id) = (s.person_id, s.service, s.transaction_id) AND s.id = ANY(e.event_ids)
