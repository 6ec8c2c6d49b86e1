r.id, r.folio, r.service, r.status, r.kind, r.outcome, r.person_id, r.unit_id, r.submitted_at, r.due_on
