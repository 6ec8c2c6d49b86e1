{% include "appointment.sql" %}
JOIN person p ON p.id = a.person_id WHERE a.folio = :folio AND p.birth_on = :birth_on
