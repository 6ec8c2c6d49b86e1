"""Schedules may release their seats in waves; which waves were released."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034_release"
down_revision = "0032_known_due_on"

AWARE = sa.DateTime(timezone=True)
SERVICE_SHAPE = "service IN ('family-medicine', 'dental', 'preventive', 'window') OR service ~ '^specialist-[a-z-]+$'"


def upgrade() -> None:
    op.add_column("schedule", sa.Column("release", postgresql.JSONB(none_as_null=True)))
    op.create_check_constraint(
        op.f("ck_schedule_release"), "schedule", "jsonb_exists(release, 'waves') <> jsonb_exists(release, 'draw')"
    )
    op.create_index(
        "ix_schedule_release", "schedule", ["unit_id", "service"], postgresql_where=sa.text("release IS NOT NULL")
    )
    op.create_table(
        "released_wave",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("above", sa.SmallInteger(), nullable=False),
        sa.Column("below", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("slot_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("released_at", AWARE, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint(SERVICE_SHAPE, name=op.f("ck_released_wave_service")),
        sa.CheckConstraint("above >= 0 AND below > above AND below <= 100", name=op.f("ck_released_wave_shares")),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_released_wave_seats")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_released_wave_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_released_wave")),
    )
    op.create_index("uq_released_wave", "released_wave", ["unit_id", "schedule_id", "on_date", "wave"], unique=True)
    op.create_index(op.f("ix_released_wave_unit_id_released_at"), "released_wave", ["unit_id", "released_at"])


def downgrade() -> None:
    op.drop_table("released_wave")
    op.drop_column("schedule", "release")
