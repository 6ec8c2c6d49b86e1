{# The client of an access token, and how many calls it has made in this minute, this one counted. Revoking the client or
   the credential, an end, and a scope that was taken away hold from the next call on. #}
WITH found AS (
    SELECT c.id, c.unit_ids, c.per_minute,
        ARRAY(SELECT unnest(t.scopes) INTERSECT SELECT unnest(c.scopes)) AS scopes
    FROM api_token t
    JOIN api_client c ON c.id = t.client_id
    JOIN api_credential k ON k.id = t.credential_id
    WHERE t.digest = CAST(:digest AS bytea) AND t.expires_at > CAST(:now AS timestamptz)
        AND c.revoked_at IS NULL AND coalesce(c.expires_at > CAST(:now AS timestamptz), true) AND k.revoked_at IS NULL
), counted AS (
    UPDATE api_client c SET last_used_at = CAST(:now AS timestamptz), window_at = CAST(:minute AS timestamptz),
        window_count = CASE WHEN c.window_at = CAST(:minute AS timestamptz) THEN c.window_count + 1 ELSE 1 END
    FROM found f WHERE c.id = f.id
    RETURNING c.window_count
)
SELECT f.id, f.unit_ids, f.per_minute, f.scopes, n.window_count FROM found f, counted n
