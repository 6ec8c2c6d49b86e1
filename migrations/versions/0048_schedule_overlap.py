"""Two schedules of a room are never at the same time: the database says so, too."""

from alembic import op

revision = "0048_schedule_overlap"
down_revision = "0047_released_services"

# A week's minutes, from Monday at midnight (ISO weekdays begin with 1).
WEEK = """
    CREATE FUNCTION schedule_week(weekdays smallint[], starts time, ends time) RETURNS int4multirange
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT range_agg(int4range(
            (day - 1) * 1440 + (extract(epoch FROM starts) / 60)::integer,
            (day - 1) * 1440 + (extract(epoch FROM ends) / 60)::integer
        )) FROM unnest(weekdays) AS day
    $$
"""
# By ranges alone: equality in such a constraint needs an extension, and not every server has it.
ONE_AT_A_TIME = """
    ALTER TABLE schedule ADD CONSTRAINT ex_schedule_overlap EXCLUDE USING gist (
        (int8range(hashtextextended(unit_id::text || ':' || room::text, 0),
                   hashtextextended(unit_id::text || ':' || room::text, 0), '[]')) WITH &&,
        (schedule_week(weekdays, starts, ends)) WITH &&,
        (daterange(valid_from, valid_to + 1)) WITH &&
    )
"""


def upgrade() -> None:
    op.execute(WEEK)
    op.execute(ONE_AT_A_TIME)


def downgrade() -> None:
    op.drop_constraint("ex_schedule_overlap", "schedule")
    op.execute("DROP FUNCTION schedule_week")
