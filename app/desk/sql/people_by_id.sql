WITH found AS (SELECT CAST(:person_id AS uuid) AS id, 1 AS place)
{% include "people_found.sql" %}
