{% include "of_folio.sql" %}
FOR UPDATE OF a
