"""Calibration of forecasts: the range as it was simulated, and how far ranges have to reach."""

import sqlalchemy as sa
from alembic import op

revision = "0035_calibration"
down_revision = "0034_release"

SIMULATED = ("low", "median", "high")


def upgrade() -> None:
    for name in SIMULATED:
        op.add_column("desk_forecast", sa.Column(f"simulated_{name}", sa.Double()))
    op.execute("UPDATE desk_forecast SET simulated_low = low, simulated_median = median, simulated_high = high")
    for name in SIMULATED:
        op.alter_column("desk_forecast", f"simulated_{name}", nullable=False)
    op.create_check_constraint(
        op.f("ck_desk_forecast_simulated_range"),
        "desk_forecast",
        "simulated_low <= simulated_median AND simulated_median <= simulated_high",
    )
    op.add_column("desk_forecast_day", sa.Column("simulated_inside", sa.Integer()))
    op.execute("UPDATE desk_forecast_day SET simulated_inside = inside")
    op.alter_column("desk_forecast_day", "simulated_inside", nullable=False)
    op.create_table(
        "desk_forecast_reach",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("below", sa.Double(), nullable=False),
        sa.Column("above", sa.Double(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_desk_forecast_reach_level")),
        sa.CheckConstraint("n > 0", name=op.f("ck_desk_forecast_reach_n")),
        sa.PrimaryKeyConstraint("service", "level", "place", name=op.f("pk_desk_forecast_reach")),
    )


def downgrade() -> None:
    op.drop_table("desk_forecast_reach")
    op.drop_column("desk_forecast_day", "simulated_inside")
    for name in SIMULATED:
        op.drop_column("desk_forecast", f"simulated_{name}")
