{# What the registry says of a person on a day, in one row: periods and sums as JSON, in the order of the rules' types. #}
(SELECT jsonb_agg(jsonb_build_array(a.starts_on, a.ends_on, a.daily_wage::text, a.is_casual) ORDER BY a.starts_on)
    FROM affiliation a WHERE a.person_id = {{ person }} AND a.scheme = 'work') AS work,
(SELECT jsonb_agg(jsonb_build_array(a.starts_on, a.ends_on))
    FROM affiliation a WHERE a.person_id = {{ person }} AND a.scheme = 'modality-40') AS continuation,
(SELECT jsonb_agg(jsonb_build_array(paid.starts_on, paid.months)) FROM (
    SELECT v.starts_on, jsonb_agg(v.month) AS months FROM voluntary_payment v
    WHERE v.person_id = {{ person }} AND v.scheme = 'modality-40' GROUP BY v.starts_on
) paid) AS paid_months,
(SELECT jsonb_agg(jsonb_build_array(t.on_date, t.weeks)) FROM withdrawal t WHERE t.person_id = {{ person }}) AS withdrawals,
EXISTS (SELECT FROM dependant d WHERE d.person_id = {{ person }} AND {{ is_covered("d") }}) AS covered_by_others,
EXISTS (
    SELECT FROM pension s WHERE s.person_id = {{ person }} AND s.starts_on <= {{ day }}
        AND (s.ends_on IS NULL OR s.ends_on >= {{ day }})
) AS is_pensioner,
{{ rights }} AS rights,
(SELECT jsonb_agg(jsonb_build_array(k.curp, d.kinship, d.is_protected) ORDER BY k.birth_on)
    FROM dependant d JOIN person k ON k.id = d.person_id
    WHERE d.holder_id = {{ person }} AND {{ is_covered("d") }}) AS family,
{{ law_fingerprint }} AS law_fingerprint
