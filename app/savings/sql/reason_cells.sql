{# How often each reason was given for a refusal: what it was is retracted, what it is now is added. #}
WITH contribution AS (
    {%- for table, times in (("saving_before", -1), ("saving_after", 1)) %}
    SELECT CAST(date_trunc('month', e.day) AS date) AS period, e.state, e.counts_as AS service, r.reason, {{ times }} AS times
    FROM {{ table }} e
    CROSS JOIN LATERAL unnest(e.reasons) AS r (reason)
    WHERE e.outcome = {{ Outcome.REFUSED }}
    {{ "UNION ALL" if not loop.last }}
    {%- endfor %}
)
INSERT INTO saving_reason_cell AS c (period, state, service, reason, times)
SELECT period, state, service, reason, sum(times)
FROM contribution
GROUP BY 1, 2, 3, 4
HAVING sum(times) <> 0
ON CONFLICT (period, state, service, reason) DO UPDATE SET times = c.times + EXCLUDED.times
