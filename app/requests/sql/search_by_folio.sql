WITH found AS (SELECT * FROM request r WHERE r.folio = :folio AND {% include "search_visible.sql" %})
{% include "search_found.sql" %}
