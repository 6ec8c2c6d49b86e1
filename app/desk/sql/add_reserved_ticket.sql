{# A ticket with a number that a device reserved and gave offline. #}
WITH numbered AS (SELECT CAST(:number AS integer) AS last),
{% include "new_ticket.sql" %}
