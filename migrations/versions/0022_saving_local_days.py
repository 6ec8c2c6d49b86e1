"""Savings by the local day of the unit, and the active time of a hold as part of the booking that absorbs it.

Every cell of transactions is computed again from the transactions themselves, as the roll-up would: the event log isn't
read, so nothing depends on where a consumer stands in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_saving_local_days"
down_revision = "0021_staff_accounts"

NOBODY = "00000000-0000-0000-0000-000000000000"
CENTRE = "America/Mexico_City"
ZONES = "UPDATE errand e SET timezone = u.timezone FROM unit u WHERE u.id = e.unit_id"
HOLDS = """
    UPDATE errand e SET hold_seconds = h.seconds FROM (
        SELECT DISTINCT ON (person_id, service, hold_id) person_id, service, hold_id, id FROM errand
        WHERE hold_id IS NOT NULL ORDER BY person_id, service, hold_id, id) b
    JOIN errand h ON (h.person_id, h.service, h.id) = (b.person_id, b.service, b.hold_id)
    WHERE (e.person_id, e.service, e.id) = (b.person_id, b.service, b.id) AND h.is_absorbed
"""
DAYS = f"""
    UPDATE errand e SET day = d.day, age_band = d.age_band FROM (
        SELECT x.person_id, x.service, x.id, x.day, CASE WHEN f.birth_on IS NULL THEN 'unknown'
            WHEN f.age < 18 THEN '0-17' WHEN f.age < 30 THEN '18-29' WHEN f.age < 45 THEN '30-44'
            WHEN f.age < 60 THEN '45-59' ELSE '60+' END AS age_band
        FROM (SELECT person_id, service, id, started_at,
            (CASE WHEN outcome IN ('completed', 'refused', 'abandoned') THEN ended_at ELSE started_at END
                AT TIME ZONE timezone)::date AS day FROM errand) x
        LEFT JOIN LATERAL (SELECT p.birth_on, extract(year FROM age(x.day, p.birth_on)) AS age FROM saving_profile p
            WHERE p.person_id = x.person_id AND CAST(p.since AS timestamp) AT TIME ZONE '{CENTRE}' <= x.started_at
            ORDER BY p.since DESC LIMIT 1) f ON true) d
    WHERE (e.person_id, e.service, e.id) = (d.person_id, d.service, d.id)
        AND (e.day, e.age_band) IS DISTINCT FROM (d.day, d.age_band)
"""
FIRSTS = f"""
    UPDATE errand e SET is_first_of_day = o.before IS NULL OR o.before < e.day,
        is_first_of_week = o.before IS NULL OR o.before < date_trunc('week', e.day)::date,
        is_first_of_month = o.before IS NULL OR o.before < date_trunc('month', e.day)::date
    FROM (SELECT person_id, service, id, lag(day) OVER (PARTITION BY person_id, counts_as ORDER BY day, id) AS before
        FROM errand WHERE is_own AND NOT is_absorbed AND person_id <> '{NOBODY}') o
    WHERE (e.person_id, e.service, e.id) = (o.person_id, o.service, o.id)
"""
ONLINE = "channel IN ('web', 'api')"
DONE = "stands AND outcome = 'completed'"
COUNTED = f"{DONE} AND {ONLINE} AND NOT is_repeat AND NOT is_followed"
DECIDED = "stands AND submitted_at IS NOT NULL AND ended_at IS NOT NULL AND outcome <> 'abandoned'"
HOURS = "greatest(0, round(extract(epoch FROM ended_at - submitted_at) / 3600))::bigint"


def _sum(condition: str, value: str = "1") -> str:
    return f"coalesce(sum({value}) FILTER (WHERE {condition}), 0)"


SUMS = {
    "errands": "count(*)",
    "started": _sum("stands"),
    "completed": _sum(DONE),
    "counted": _sum(COUNTED),
    "repeats": _sum(f"{DONE} AND is_repeat"),
    "followed": _sum(f"{DONE} AND is_followed"),
    "refused": _sum("stands AND outcome = 'refused'"),
    "abandoned": _sum("stands AND outcome = 'abandoned'"),
    "by_rules": _sum(f"{DECIDED} AND by_rules"),
    "late": _sum(f"{DECIDED} AND day > due_on"),
    "observed": _sum(f"stands AND {ONLINE} AND observed_seconds > 0"),
    "online": _sum(f"stands AND {ONLINE}"),
    "seconds": _sum(f"stands AND {ONLINE}", "observed_seconds"),
    "seconds_sq": _sum(f"stands AND {ONLINE}", "observed_seconds * observed_seconds"),
    "visits": _sum(ONLINE, "visits"),
    "located": _sum(f"{COUNTED} AND metres IS NOT NULL"),
    "metres": _sum(f"{COUNTED} AND metres IS NOT NULL", "metres"),
    "decided": _sum(DECIDED),
    "decide_hours": _sum(DECIDED, HOURS),
    "decide_hours_sq": _sum(DECIDED, f"{HOURS} * {HOURS}"),
    "asked": _sum("would_have_gone IS NOT NULL"),
    "would_have_gone": _sum("would_have_gone"),
    "rated": _sum("satisfaction IS NOT NULL"),
    "rating": _sum("satisfaction IS NOT NULL", "satisfaction"),
    "rating_sq": _sum("satisfaction IS NOT NULL", "satisfaction * satisfaction"),
    "attended": _sum("attendance = 'attended'"),
    "missed": _sum("attendance = 'missed'"),
}
DIMS = {"device": "device", "age": "age_band", "sex": "sex", "rurality": "rurality", "language": "language"}
GRAINS = {"D": "day", "W": "week", "M": "month"}
SETS = [f"({period}, {place}, counts_as, channel)" for place in ("region", "state") for period in GRAINS.values()]
SETS += [f"(month, {place}, counts_as, channel, {dim})" for place in ("region", "state") for dim in DIMS.values()]
SETS.append("(month, unit_id, counts_as, channel)")


def _by_grain(values: dict[str, str]) -> str:
    told = " ".join(f"WHEN grouping({GRAINS[grain]}) = 0 THEN {value}" for grain, value in values.items())
    return f"CASE {told} END"


CELLS = f"""
    INSERT INTO saving_cell (grain, level, dim, period, place, service, channel, value, {", ".join(SUMS)}, people)
    SELECT {_by_grain({grain: f"'{grain}'" for grain in GRAINS})},
        CASE WHEN grouping(region) = 0 THEN 'R' WHEN grouping(state) = 0 THEN 'S' ELSE 'U' END,
        CASE {" ".join(f"WHEN grouping({column}) = 0 THEN '{dim}'" for dim, column in DIMS.items())} ELSE '' END,
        {_by_grain(GRAINS)},
        CASE WHEN grouping(region) = 0 THEN region WHEN grouping(state) = 0 THEN state ELSE unit_id::text END,
        counts_as, channel,
        CASE {" ".join(f"WHEN grouping({column}) = 0 THEN {column}" for column in DIMS.values())} ELSE '' END,
        {", ".join(SUMS.values())},
        {_by_grain({grain: f"count(*) FILTER (WHERE is_first_of_{period})" for grain, period in GRAINS.items()})}
    FROM (SELECT day, date_trunc('week', day)::date AS week, date_trunc('month', day)::date AS month, region, state,
        coalesce(unit_id, '{NOBODY}') AS unit_id, counts_as, channel, device, age_band, sex, rurality, language,
        is_own AND NOT is_absorbed AS stands, (seconds + hold_seconds)::bigint AS observed_seconds, outcome, is_repeat,
        is_followed, by_rules, submitted_at, ended_at, timezone, due_on, visits, metres, would_have_gone, satisfaction,
        attendance, is_first_of_day, is_first_of_week, is_first_of_month FROM errand) e
    GROUP BY GROUPING SETS ({", ".join(SETS)})
"""
REASONS = """
    INSERT INTO saving_reason_cell (period, state, service, reason, times)
    SELECT date_trunc('month', e.day)::date, e.state, e.counts_as, r.reason, count(*)
    FROM errand e CROSS JOIN LATERAL unnest(e.reasons) AS r (reason) WHERE e.outcome = 'refused' GROUP BY 1, 2, 3, 4
"""

COMMENTS = {
    "daily.day": "day by the clock of the unit",
    **{
        f"{view}.seconds_sq": "sum of the squares of each errand''s seconds"
        for view in ("cells", "daily", "segments", "units")
    },
}
BEFORE = dict.fromkeys(COMMENTS, "sum of the squares of those seconds") | {
    "daily.day": "day by the clock of central Mexico"
}


def _comment(comments: dict[str, str]) -> None:
    for column, said in comments.items():
        op.execute(f"COMMENT ON COLUMN analytics.{column} IS '{said}'")


def upgrade() -> None:
    op.add_column("errand", sa.Column("timezone", sa.Text(), server_default=sa.text(f"'{CENTRE}'"), nullable=False))
    op.add_column("errand", sa.Column("hold_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False))
    for statement in (ZONES, HOLDS, DAYS, FIRSTS, "DELETE FROM saving_cell", CELLS, "DELETE FROM saving_reason_cell"):
        op.execute(statement)
    op.execute(REASONS)
    _comment(COMMENTS)


def downgrade() -> None:
    _comment(BEFORE)
    op.drop_column("errand", "hold_seconds")
    op.drop_column("errand", "timezone")
