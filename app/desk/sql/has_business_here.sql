{# Whether a person whose unit is another one is attended at this one all the same: an appointment of today, or an open
   request. -#}
SELECT EXISTS (
    SELECT FROM appointment a JOIN unit u ON u.id = a.unit_id
    WHERE a.person_id = CAST(:person_id AS uuid) AND a.unit_id = CAST(:unit_id AS uuid) AND a.on_date = {{ today }}
) OR EXISTS (
    SELECT FROM request r
    WHERE r.person_id = CAST(:person_id AS uuid) AND r.unit_id = CAST(:unit_id AS uuid) AND r.kind IN ({{ OPEN_KINDS }})
)
