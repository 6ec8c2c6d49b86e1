DELETE FROM person p WHERE p.declared_at < :before
    AND NOT EXISTS (SELECT FROM account a WHERE a.person_id = p.id)
    AND NOT EXISTS (SELECT FROM request r WHERE r.person_id = p.id)
    AND NOT EXISTS (SELECT FROM appointment t WHERE t.person_id = p.id)
