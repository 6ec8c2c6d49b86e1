{# The cells of a piece of a plan. What they are of and their days stand in the text: as parameters they would be unknown
   to the plan that the database caches of a statement asked often, which then sorts a year on disk. #}
{%- from "places.sql" import conditions %}
SELECT *
FROM saving_cell
WHERE period_type = '{{ piece.period_type }}'
    AND geography = '{{ plan.geography }}'
    AND segment = '{{ plan.segment }}'
    AND period BETWEEN DATE '{{ piece.since.isoformat() }}' AND DATE '{{ piece.until.isoformat() }}'
    {{- conditions(filters, plan.geography) }}
