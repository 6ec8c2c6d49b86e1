{%- from "places.sql" import conditions %}
SELECT *
FROM saving_ticket_cell
WHERE geography = '{{ geography }}' AND period BETWEEN :since AND :until
    {{- conditions(filters, geography) }}
