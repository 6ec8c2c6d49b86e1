{# Whose appointment or submitted request it is. -#}
WITH found AS (
    SELECT a.person_id AS id, 1 AS place FROM appointment a WHERE a.folio = :folio
    UNION ALL
    SELECT r.person_id, 1 FROM request r WHERE r.folio = :folio AND r.kind <> {{ StateKind.DRAFT }}
)
{% include "people_found.sql" %}
