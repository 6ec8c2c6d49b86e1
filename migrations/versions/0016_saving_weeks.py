"""Sums by week beside those by day and by month: a year by week was put together from its days, which took a second.

What there is by then is told from the days' sums; people, whom a week counts once, from the errands.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_saving_weeks"
down_revision = "0015_name_word"

GRAIN = "ck_saving_cell_grain"
NOBODY = "00000000-0000-0000-0000-000000000000"
ADDED = (
    *("errands", "started", "completed", "counted", "repeats", "followed", "refused", "abandoned", "by_rules", "late"),
    *("observed", "online", "seconds", "seconds_sq", "visits", "located", "metres", "decided", "decide_hours"),
    *("decide_hours_sq", "asked", "would_have_gone", "rated", "rating", "rating_sq", "attended", "missed"),
)
WEEK = "date_trunc('week', {})::date"
FIRSTS = f"""
    UPDATE errand e SET is_first_of_week = true FROM (
        SELECT person_id, service, id, lag(day) OVER (PARTITION BY person_id, counts_as ORDER BY day, id) AS before
        FROM errand WHERE is_own AND NOT is_absorbed AND person_id <> '{NOBODY}') o
    WHERE (e.person_id, e.service, e.id) = (o.person_id, o.service, o.id)
        AND (o.before IS NULL OR o.before < {WEEK.format("e.day")})
"""
CELLS = f"""
    INSERT INTO saving_cell (grain, level, dim, period, place, service, channel, value, {", ".join(ADDED)}, people)
    SELECT 'W', c.level, '', c.period, c.place, c.service, c.channel, '', {", ".join(f"c.{name}" for name in ADDED)},
        coalesce(p.people, 0)
    FROM (
        SELECT level, {WEEK.format("period")} AS period, place, service, channel,
            {", ".join(f"sum({name}) AS {name}" for name in ADDED)}
        FROM saving_cell WHERE grain = 'D' AND dim = '' GROUP BY 1, 2, 3, 4, 5) c
    LEFT JOIN (
        SELECT CASE WHEN grouping(region) = 0 THEN 'R' ELSE 'S' END AS level, {WEEK.format("day")} AS period,
            CASE WHEN grouping(region) = 0 THEN region ELSE state END AS place, counts_as AS service, channel,
            count(*) AS people
        FROM errand WHERE is_first_of_week
        GROUP BY GROUPING SETS ((2, region, counts_as, channel), (2, state, counts_as, channel))) p
    USING (level, period, place, service, channel)
"""


def upgrade() -> None:
    op.add_column(
        "errand", sa.Column("is_first_of_week", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.drop_constraint(GRAIN, "saving_cell")
    op.create_check_constraint(op.f(GRAIN), "saving_cell", "grain IN ('D', 'W', 'M')")
    op.execute(FIRSTS)
    op.execute(CELLS)


def downgrade() -> None:
    op.execute("DELETE FROM saving_cell WHERE grain = 'W'")
    op.drop_constraint(GRAIN, "saving_cell")
    op.create_check_constraint(op.f(GRAIN), "saving_cell", "grain IN ('D', 'M')")
    op.drop_column("errand", "is_first_of_week")
