{% include "appointment.sql" %}
WHERE a.folio = :folio
