"""The desk offline: numbers reserved for devices, and the entries that they send afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0020_offline"
down_revision = "0019_people_search"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "number_range",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", AWARE, nullable=False),
        sa.CheckConstraint("first > 0 AND last >= first", name=op.f("ck_number_range_numbers")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_number_range_staff_id_staff")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_number_range_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_range")),
        sa.UniqueConstraint(
            "unit_id", "on_date", "letter", "first", name=op.f("uq_number_range_unit_id_on_date_letter_first")
        ),
    )
    op.create_index(
        op.f("ix_number_range_unit_id_device_id_on_date"), "number_range", ["unit_id", "device_id", "on_date"]
    )
    op.create_table(
        "offline_entry",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("folio", sa.Text()),
        sa.Column("service", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.Column("device_at", AWARE, nullable=False),
        sa.Column("offset_seconds", sa.Integer(), nullable=False),
        sa.Column("happened_at", AWARE, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("received_at", AWARE, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("ticket_id", sa.Uuid()),
        sa.Column("assigned", sa.Text()),
        sa.Column("resolved_at", AWARE),
        sa.Column("resolved_by", sa.Uuid()),
        sa.CheckConstraint("kind IN ('number', 'check-in', 'attended', 'missed')", name=op.f("ck_offline_entry_kind")),
        sa.CheckConstraint(
            "(status = 'conflict') = (reason IS NOT NULL)", name=op.f("ck_offline_entry_reason_of_conflict")
        ),
        sa.CheckConstraint("status IN ('applied', 'merged', 'conflict')", name=op.f("ck_offline_entry_status")),
        sa.CheckConstraint(
            "CASE kind WHEN 'number' THEN folio IS NULL AND service IS NOT NULL AND number IS NOT NULL"
            " ELSE folio IS NOT NULL END",
            name=op.f("ck_offline_entry_subject"),
        ),
        sa.ForeignKeyConstraint(["resolved_by"], ["staff.id"], name=op.f("fk_offline_entry_resolved_by_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_offline_entry_staff_id_staff")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_offline_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_offline_entry")),
    )
    op.create_index(op.f("ix_offline_entry_unit_id_folio"), "offline_entry", ["unit_id", "folio"])
    op.create_index(op.f("ix_offline_entry_unit_id_on_date_number"), "offline_entry", ["unit_id", "on_date", "number"])
    op.create_index(
        "ix_offline_entry_open_conflict",
        "offline_entry",
        ["unit_id", "happened_at"],
        postgresql_where=sa.text("status = 'conflict' AND resolved_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("offline_entry")
    op.drop_table("number_range")
