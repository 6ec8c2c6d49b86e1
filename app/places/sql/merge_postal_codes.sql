{# The first settlement of a code names it; others of the same code add nothing the portal uses. -#}
INSERT INTO postal_code AS p (code, latitude, longitude, state, municipality, settlement, is_rural)
SELECT DISTINCT ON (code) code, latitude, longitude, state, municipality, settlement, is_rural
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(code text, latitude double precision,
    longitude double precision, state text, municipality text, settlement text, is_rural boolean)
ORDER BY code
ON CONFLICT (code) DO UPDATE SET latitude = coalesce(excluded.latitude, p.latitude),
    longitude = coalesce(excluded.longitude, p.longitude), state = coalesce(excluded.state, p.state),
    municipality = coalesce(excluded.municipality, p.municipality),
    settlement = coalesce(p.settlement, excluded.settlement),
    is_rural = coalesce(excluded.is_rural, p.is_rural)
WHERE (coalesce(excluded.latitude, p.latitude), coalesce(excluded.longitude, p.longitude),
    coalesce(excluded.state, p.state), coalesce(excluded.municipality, p.municipality),
    coalesce(p.settlement, excluded.settlement), coalesce(excluded.is_rural, p.is_rural))
    IS DISTINCT FROM (p.latitude, p.longitude, p.state, p.municipality, p.settlement, p.is_rural)
RETURNING (xmax = 0) AS is_new
