SELECT k.id, k.kind, k.digest, k.jwk, c.scopes
FROM api_client c JOIN api_credential k ON k.client_id = c.id
WHERE c.id = CAST(:client_id AS uuid) AND c.revoked_at IS NULL
    AND coalesce(c.expires_at > CAST(:now AS timestamptz), true) AND k.revoked_at IS NULL
ORDER BY k.id
