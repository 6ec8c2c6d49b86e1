{# A credential that is revoked meanwhile may get one; the look-up of the token refuses it. #}
WITH proved AS (
    UPDATE api_credential k SET last_used_at = CAST(:now AS timestamptz)
    WHERE k.id = CAST(:credential_id AS uuid) AND k.revoked_at IS NULL
    RETURNING k.id, k.client_id
)
INSERT INTO api_token (digest, client_id, credential_id, scopes, issued_at, expires_at)
SELECT CAST(:digest AS bytea), p.client_id, p.id, CAST(:scopes AS text[]), CAST(:now AS timestamptz),
    CAST(:expires_at AS timestamptz)
FROM proved p RETURNING digest
