{# The member of staff whose personal token this is, while their account is as it was when they made it. #}
WITH found AS (
    SELECT p.id, p.staff_id, p.scopes, p.last_used_at, s.role,
        CASE WHEN s.all_units THEN NULL ELSE ARRAY(SELECT u.unit_id FROM staff_unit u WHERE u.staff_id = s.id) END AS units
    FROM personal_token p
    JOIN staff s ON s.id = p.staff_id AND s.is_active AND s.version = p.staff_version
    WHERE p.digest = CAST(:digest AS bytea) AND p.revoked_at IS NULL AND p.expires_at > CAST(:now AS timestamptz)
), touched AS (
    UPDATE personal_token p SET last_used_at = CAST(:now AS timestamptz) FROM found f
    WHERE p.id = f.id AND (f.last_used_at IS NULL OR f.last_used_at < CAST(:stale AS timestamptz))
)
SELECT staff_id, scopes, role, units FROM found
