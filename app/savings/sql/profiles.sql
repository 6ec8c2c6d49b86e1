{# The person as they are today, stored when first seen and on every change. A change counts from tomorrow on: whatever
   began until today was described already, and a rebuild must describe it alike. #}
WITH seen AS (
    SELECT
        p.id,
        CAST(date_trunc('month', p.birth_on) AS date) AS birth_on,
        p.sex,
        p.language,
        CASE WHEN c.is_rural IS NULL THEN 'unknown' WHEN c.is_rural THEN 'rural' ELSE 'urban' END AS rurality,
        c.latitude,
        c.longitude
    FROM (SELECT DISTINCT person_id FROM saving_step WHERE person_id <> '{{ UNKNOWN_PERSON }}') s
    JOIN person p ON p.id = s.person_id
    LEFT JOIN postal_code c ON c.code = p.postal_code
),
last AS (
    SELECT DISTINCT ON (f.person_id) f.*
    FROM saving_profile f
    JOIN seen ON seen.id = f.person_id
    ORDER BY f.person_id, f.since DESC
)
INSERT INTO saving_profile (person_id, since, birth_on, sex, language, rurality, latitude, longitude)
SELECT
    n.id,
    CASE WHEN l.person_id IS NULL THEN DATE '0001-01-01' ELSE CAST(:today AS date) + 1 END,
    n.birth_on,
    n.sex,
    n.language,
    n.rurality,
    n.latitude,
    n.longitude
FROM seen n
LEFT JOIN last l ON l.person_id = n.id
WHERE l.person_id IS NULL
    OR (l.birth_on, l.sex, l.language, l.rurality, l.latitude, l.longitude)
        IS DISTINCT FROM (n.birth_on, n.sex, n.language, n.rurality, n.latitude, n.longitude)
ON CONFLICT (person_id, since) DO UPDATE SET
    birth_on = EXCLUDED.birth_on,
    sex = EXCLUDED.sex,
    language = EXCLUDED.language,
    rurality = EXCLUDED.rurality,
    latitude = EXCLUDED.latitude,
    longitude = EXCLUDED.longitude
