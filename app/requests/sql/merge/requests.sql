{# An open request for the same thing stays too, identified by its folio. A draft gives way to the person's own. #}
UPDATE request r SET person_id = CAST(:to AS uuid),
    applicant_id = CASE WHEN applicant_id = CAST(:from AS uuid) THEN CAST(:to AS uuid) ELSE applicant_id END,
    duplicate_key = CASE WHEN EXISTS (
        SELECT FROM request o WHERE o.person_id = CAST(:to AS uuid) AND o.service = r.service
            AND o.duplicate_key = r.duplicate_key AND o.kind IN ({{ OPEN_KINDS }}))
        THEN r.duplicate_key || '|' || r.folio ELSE r.duplicate_key END
WHERE r.person_id = CAST(:from AS uuid) AND NOT (r.kind = {{ StateKind.DRAFT }} AND EXISTS (
    SELECT FROM request o WHERE o.person_id = CAST(:to AS uuid) AND o.service = r.service AND o.kind = {{ StateKind.DRAFT }}))
