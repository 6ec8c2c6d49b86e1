"""The waiting-time forecast: what each ticket was promised, how long service takes where and when, and the code of a
ticket's own page."""

import sqlalchemy as sa
from alembic import op

revision = "0017_forecast"
down_revision = "0016_ticket_states"

AWARE = sa.DateTime(timezone=True)
NEW_CODE = "encode(substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16), 'hex')"


def upgrade() -> None:
    op.add_column("desk_ticket", sa.Column("code", sa.Text(), server_default=sa.text(NEW_CODE), nullable=False))
    op.create_index("uq_desk_ticket_code", "desk_ticket", ["code"], unique=True)
    _forecasts()
    _service_times()


def _forecasts() -> None:
    op.create_table(
        "desk_forecast",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", AWARE, nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("median", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("called_at", AWARE),
        sa.Column("waited", sa.Double()),
        sa.Column("is_inside", sa.Boolean()),
        sa.CheckConstraint("0 <= low AND low <= median AND median <= high", name=op.f("ck_desk_forecast_range")),
        sa.CheckConstraint("(called_at IS NULL) = (waited IS NULL)", name=op.f("ck_desk_forecast_waited")),
        sa.CheckConstraint("(called_at IS NULL) = (is_inside IS NULL)", name=op.f("ck_desk_forecast_is_inside")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_desk_forecast_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["unit_id", "ticket_id"],
            ["desk_ticket.unit_id", "desk_ticket.id"],
            name=op.f("fk_desk_forecast_unit_id_ticket_id_desk_ticket"),
        ),
        sa.PrimaryKeyConstraint("unit_id", "ticket_id", name=op.f("pk_desk_forecast")),
    )
    op.create_index(op.f("ix_desk_forecast_unit_id_made_at"), "desk_forecast", ["unit_id", "made_at"])
    op.create_table(
        "desk_forecast_day",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("called", sa.Integer(), nullable=False),
        sa.Column("inside", sa.Integer(), nullable=False),
        sa.Column("error_minutes", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_desk_forecast_day_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "on_date", name=op.f("pk_desk_forecast_day")),
    )


def _service_times() -> None:
    op.create_table(
        "desk_service_time",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_desk_service_time_level")),
        sa.CheckConstraint("n > 0", name=op.f("ck_desk_service_time_n")),
        sa.PrimaryKeyConstraint("service", "level", "place", "weekday", "hours", name=op.f("pk_desk_service_time")),
    )


def downgrade() -> None:
    op.drop_table("desk_service_time")
    op.drop_table("desk_forecast_day")
    op.drop_table("desk_forecast")
    op.drop_index("uq_desk_ticket_code", "desk_ticket")
    op.drop_column("desk_ticket", "code")
