a.frozen_at IS NULL
    AND NOT EXISTS (SELECT FROM token_revocation r WHERE r.person_id = s.person_id AND r.before >= s.renewed_at)
    AND (s.family_id IS NULL OR (EXISTS (SELECT FROM refresh_token t WHERE t.family_id = s.family_id
            AND t.expires_at > :now)
        AND NOT EXISTS (SELECT FROM refresh_token t WHERE t.family_id = s.family_id AND t.revoked_at IS NOT NULL)))
