INSERT INTO client_assertion (client_id, jti_digest, expires_at)
VALUES (CAST(:client_id AS uuid), CAST(:digest AS bytea), CAST(:expires_at AS timestamptz))
ON CONFLICT (client_id, jti_digest) DO NOTHING RETURNING client_id
