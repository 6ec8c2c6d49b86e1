{# Whether a person may see and act on a request, on the day of its unit: it is about themselves, a dependant in force who
   is not 18 yet, or someone who gave them consent for its service. `me` is an expression. #}
{% set today = local_day(now, "request.unit_id") -%}
(
    request.person_id = {{ me }}
    OR EXISTS (
        SELECT FROM dependant d JOIN person p ON p.id = d.person_id
        WHERE d.holder_id = {{ me }} AND d.person_id = request.person_id
            AND {{ is_registered("d", today) }} AND {{ is_minor("p.birth_on", today) }}
    )
    OR EXISTS (
        SELECT FROM mandate m
        WHERE m.grantor_id = request.person_id AND m.delegate_id = {{ me }}
            AND {{ mandate_in_force("m", today) }} AND request.service = ANY (m.services)
    )
)
