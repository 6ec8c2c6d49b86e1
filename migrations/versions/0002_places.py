"""Units, rooms, shifts, postal codes and holidays."""

import sqlalchemy as sa
from alembic import op

revision = "0002_places"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clues", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("state_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("is_operating", sa.Boolean(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("clues", name=op.f("uq_unit_clues")),
        sa.CheckConstraint("char_length(clues) = 11", name=op.f("ck_unit_clues_length")),
        sa.CheckConstraint("kind IN ('umf', 'hospital', 'clinic', 'other')", name=op.f("ck_unit_kind")),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_unit_level")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_unit_point_is_whole")),
    )
    op.create_table(
        "room",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "number", name=op.f("pk_room")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_room_unit_id_unit")),
        sa.CheckConstraint("number > 0", name=op.f("ck_room_number")),
        sa.CheckConstraint(
            "kind IN ('consulting', 'dental', 'preventive', 'window', 'specialist')", name=op.f("ck_room_kind")
        ),
    )
    op.create_table(
        "shift",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "code", name=op.f("pk_shift")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_shift_unit_id_unit")),
        sa.CheckConstraint("code IN ('M', 'V', 'N')", name=op.f("ck_shift_code")),
        sa.CheckConstraint("starts <> ends", name=op.f("ck_shift_has_hours")),
    )
    op.create_table(
        "postal_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postal_code")),
        sa.CheckConstraint("code ~ '^[0-9]{5}$'", name=op.f("ck_postal_code_code")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_postal_code_point_is_whole")),
    )
    op.create_table(
        "holiday",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_holiday_unit_id_unit")),
        sa.UniqueConstraint(
            "on_date", "unit_id", name=op.f("uq_holiday_on_date_unit_id"), postgresql_nulls_not_distinct=True
        ),
    )


def downgrade() -> None:
    for table in ("holiday", "postal_code", "shift", "room", "unit"):
        op.drop_table(table)
