a.folio, a.person_id, a.service, a.room, a.start_at
