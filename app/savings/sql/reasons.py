"""How often each reason was given for a refusal."""

from sqlalchemy import text

_CONTRIBUTION = """
    SELECT CAST(date_trunc('month', e.day) AS date) AS period, e.state, e.counts_as AS service, r.reason,
        1::bigint AS times
"""
_FROM = "CROSS JOIN LATERAL unnest(e.reasons) AS r (reason) WHERE e.outcome = 'refused'"
REASON_SCRATCH = text(
    "CREATE TEMP TABLE IF NOT EXISTS saving_reason_contribution (period date, state text, service text, reason text,"
    " times bigint) ON COMMIT DELETE ROWS"
)
RETRACT_REASONS = text(
    "INSERT INTO saving_reason_contribution SELECT period, state, service, reason, -times"
    f" FROM ({_CONTRIBUTION} FROM saving_before e {_FROM}) g"
)
CONTRIBUTE_REASONS = text(f"INSERT INTO saving_reason_contribution {_CONTRIBUTION} FROM saving_after e {_FROM}")
APPLY_REASON_CELLS = text(
    """
    INSERT INTO saving_reason_cell AS c (period, state, service, reason, times)
    SELECT period, state, service, reason, sum(times) FROM saving_reason_contribution
    GROUP BY 1, 2, 3, 4 HAVING sum(times) <> 0
    ON CONFLICT (period, state, service, reason) DO UPDATE SET times = c.times + EXCLUDED.times
    """
)
DROP_EMPTY_REASONS = text("DELETE FROM saving_reason_cell WHERE times = 0")
