"""The hour at which a schedule ends, in SQL: `rules.Pattern.minutes` says the same in Python."""


def end_hour_sql(ends: str) -> str:
    """Return an expression for an hour at which a schedule ends, to compare and to calculate with: a schedule that
    ends with its day stores 00:00, which is before all its hours; this is 24:00, after them."""
    return f"coalesce(nullif(CAST({ends} AS time), '00:00'), '24:00')"
