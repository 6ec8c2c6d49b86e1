{%- from "places.sql" import conditions %}
SELECT *
FROM (SELECT period, state AS place, service, reason, times FROM saving_reason_cell) r
WHERE period BETWEEN :since AND :until
    {{- conditions(filters, geography) }}
