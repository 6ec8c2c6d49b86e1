{# The states, regions and units of a query's filters that don't exist, with the name of the filter. #}
SELECT 'state', v
FROM unnest(CAST(:states AS text[])) v
WHERE NOT EXISTS (SELECT 1 FROM saving_region WHERE state = v)
UNION ALL
SELECT 'region', v
FROM unnest(CAST(:regions AS text[])) v
WHERE NOT EXISTS (SELECT 1 FROM saving_region WHERE region = v)
UNION ALL
SELECT 'unit', v
FROM unnest(CAST(:units AS text[])) v
WHERE NOT EXISTS (SELECT 1 FROM unit WHERE id = CAST(v AS uuid))
