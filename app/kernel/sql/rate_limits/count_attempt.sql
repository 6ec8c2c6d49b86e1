{# One statement decides and counts, so that concurrent attempts see each other. The wait is that of `wait_after`. A
   row is obsolete when all its failures have leaked and its longest wait is over. -#}
{% set level -%}
least(CAST(:most AS float8), 1 + greatest(0, c.level
        - greatest(0, extract(epoch FROM excluded.counted_at - c.counted_at)) / CAST(:leak AS float8)))
{%- endset -%}
{% macro expires(level) -%}
CAST(:now AS timestamptz) + make_interval(secs => {{ level }} * CAST(:leak AS float8) + CAST(:longest AS float8))
{%- endmacro -%}
INSERT INTO failure_counter AS c (bucket, key, level, counted_at, expires_at)
VALUES (:bucket, :key, 1, CAST(:now AS timestamptz), {{ expires(1) }})
ON CONFLICT ON CONSTRAINT pk_failure_counter DO UPDATE SET level = {{ level }},
    counted_at = greatest(c.counted_at, excluded.counted_at), expires_at = {{ expires(level) }}
WHERE c.level <= CAST(:free AS float8)
    OR c.counted_at + make_interval(secs => least(CAST(:longest AS float8),
        CAST(:first AS float8) * power(2.0, ceil(c.level - CAST(:free AS float8)) - 1))) <= excluded.counted_at
RETURNING level
