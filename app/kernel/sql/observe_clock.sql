INSERT INTO clock_reading AS n (id, observed_at, stable_since) VALUES (true, clock_timestamp(), 'epoch')
ON CONFLICT (id) DO UPDATE SET observed_at = excluded.observed_at, stable_since = CASE
    WHEN excluded.observed_at BETWEEN n.observed_at - CAST(:back AS interval)
    AND n.observed_at + CAST(:jump AS interval)
    THEN n.stable_since ELSE excluded.observed_at END
RETURNING observed_at, stable_since
