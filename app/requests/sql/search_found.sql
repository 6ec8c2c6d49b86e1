{# What a search shows of the requests in `found`, latest first. #}
SELECT r.folio, r.service, r.status, r.kind, r.outcome, r.person_id,
    concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name, p.curp, r.unit_id,
    r.submitted_at, r.due_on
FROM found r JOIN person p ON p.id = r.person_id ORDER BY r.submitted_at DESC
