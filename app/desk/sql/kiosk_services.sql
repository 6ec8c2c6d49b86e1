{# Services for which a kiosk of the unit gives numbers: those attended now or before. Not those of a specialist, whose
   name says for what one comes. -#}
SELECT DISTINCT service FROM (
    SELECT unnest(s.services) AS service FROM counter_session s
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.status <> 'closed'
    UNION ALL
    SELECT q.service FROM desk_queue q WHERE q.unit_id = CAST(:unit_id AS uuid)
) offered WHERE service NOT LIKE 'specialist-%' ORDER BY service
