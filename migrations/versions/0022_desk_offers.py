"""Freed appointments offered to the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0022_desk_offers"
down_revision = "0021_assistance"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "desk_offer",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("seat", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("freed", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("made_at", AWARE, nullable=False),
        sa.Column("made_by", sa.Uuid()),
        sa.Column("answered_at", AWARE),
        sa.Column("answered_by", sa.Uuid()),
        sa.Column("appointment_folio", sa.Text()),
        sa.CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed')", name=op.f("ck_desk_offer_status")),
        sa.CheckConstraint("freed IN ('cancelled', 'moved', 'missed')", name=op.f("ck_desk_offer_freed")),
        sa.CheckConstraint("(status = 'open') = (answered_at IS NULL)", name=op.f("ck_desk_offer_answered_at")),
        sa.CheckConstraint(
            "(status = 'accepted' AND freed <> 'missed') = (appointment_folio IS NOT NULL)",
            name=op.f("ck_desk_offer_appointment_folio"),
        ),
        sa.CheckConstraint("place > 0", name=op.f("ck_desk_offer_place")),
        sa.ForeignKeyConstraint(
            ["unit_id", "ticket_id"],
            ["desk_ticket.unit_id", "desk_ticket.id"],
            name=op.f("fk_desk_offer_unit_id_ticket_id_desk_ticket"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_desk_offer_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_desk_offer")),
    )
    op.create_index(op.f("ix_desk_offer_unit_id_start_at"), "desk_offer", ["unit_id", "start_at"])
    op.create_index(
        "uq_desk_offer_time",
        "desk_offer",
        ["unit_id", "room", "start_at", "seat"],
        unique=True,
        postgresql_where=sa.text("status = 'open' OR status = 'accepted' AND freed = 'missed'"),
    )
    op.create_index(
        "uq_desk_offer_ticket",
        "desk_offer",
        ["unit_id", "ticket_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("desk_offer")
