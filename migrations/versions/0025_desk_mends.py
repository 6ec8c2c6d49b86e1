"""An assistance may have ended with the access of its clerk; a schedule may end at midnight, which is 00:00."""

from alembic import op

revision = "0025_desk_mends"
down_revision = "0024_reminders"

OLD_CAUSES = "ended_by IN ('staff', 'idle')"
CAUSES = "ended_by IN ('staff', 'idle', 'access')"
OLD_ORDER = "ends > starts"
ORDER = "ends > starts OR ends = '00:00'"
WEEK = """
    CREATE OR REPLACE FUNCTION schedule_week(weekdays smallint[], starts time, ends time) RETURNS int4multirange
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT range_agg(int4range(
            (day - 1) * 1440 + (extract(epoch FROM starts) / 60)::integer,
            (day - 1) * 1440 + {end_minute}
        )) FROM unnest(weekdays) AS day
    $$
"""
END = "(extract(epoch FROM ends) / 60)::integer"
END_AT_MIDNIGHT = f"CASE WHEN ends = '00:00' THEN 1440 ELSE {END} END"


def upgrade() -> None:
    op.drop_constraint("ck_assistance_ended_by", "assistance")
    op.create_check_constraint(op.f("ck_assistance_ended_by"), "assistance", CAUSES)
    # No schedule ends at midnight yet: what the overlaps are stored by doesn't change.
    op.execute(WEEK.format(end_minute=END_AT_MIDNIGHT))
    op.drop_constraint("ck_schedule_hours_in_order", "schedule")
    op.create_check_constraint(op.f("ck_schedule_hours_in_order"), "schedule", ORDER)


def downgrade() -> None:
    op.execute("UPDATE schedule SET ends = '23:59' WHERE ends = '00:00'")
    op.drop_constraint("ck_schedule_hours_in_order", "schedule")
    op.create_check_constraint(op.f("ck_schedule_hours_in_order"), "schedule", OLD_ORDER)
    op.execute(WEEK.format(end_minute=END))
    op.execute("UPDATE assistance SET ended_by = 'staff' WHERE ended_by = 'access'")
    op.drop_constraint("ck_assistance_ended_by", "assistance")
    op.create_check_constraint(op.f("ck_assistance_ended_by"), "assistance", OLD_CAUSES)
