{% include "appointment.sql" %}
WHERE a.folio = :folio AND {% include "visible.sql" %}
