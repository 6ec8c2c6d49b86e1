"""Times offered instead of those that a closure hits, and how many seats a room had."""

import sqlalchemy as sa
from alembic import op

revision = "0018_shift_closures"
down_revision = "0017_forecast"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    _rebooking_offers()
    _room_days()


def _rebooking_offers() -> None:
    """Create the offers; the seat of one names it as its hold."""
    op.create_table(
        "rebooking_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("tier", sa.Text()),
        sa.Column("to_unit_id", sa.Uuid()),
        sa.Column("to_room", sa.Integer()),
        sa.Column("to_start_at", AWARE),
        sa.Column("to_seat", sa.SmallInteger()),
        sa.Column("to_minutes", sa.SmallInteger()),
        sa.Column("reply_by", AWARE, nullable=False),
        sa.Column("held_until", AWARE),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_at", AWARE),
        sa.Column("answered_by", sa.Text()),
        sa.Column("calls", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("called_at", AWARE),
        sa.CheckConstraint("tier IN ('room', 'shift', 'unit')", name=op.f("ck_rebooking_offer_tier")),
        sa.CheckConstraint(
            "num_nonnulls(tier, to_unit_id, to_room, to_start_at, to_seat, to_minutes, held_until) IN (0, 7)",
            name=op.f("ck_rebooking_offer_seat_is_whole"),
        ),
        sa.CheckConstraint(
            "answer IN ('accepted', 'other-time', 'cancelled', 'withdrawn')", name=op.f("ck_rebooking_offer_answer")
        ),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_rebooking_offer_answered_at")),
        sa.CheckConstraint(
            "held_until > created_at AND held_until < to_start_at", name=op.f("ck_rebooking_offer_held_until")
        ),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_rebooking_offer_calls")),
        sa.ForeignKeyConstraint(
            ["unit_id", "appointment_id"],
            ["appointment.unit_id", "appointment.id"],
            name=op.f("fk_rebooking_offer_unit_id_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rebooking_offer_person_id_person")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_rebooking_offer_to_unit_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rebooking_offer_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebooking_offer")),
    )
    op.create_index(op.f("ix_rebooking_offer_cause_id"), "rebooking_offer", ["cause_id"])
    op.create_index(
        "ix_rebooking_offer_seat",
        "rebooking_offer",
        ["to_unit_id", "to_start_at"],
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_index(
        "uq_rebooking_offer_open",
        "rebooking_offer",
        ["unit_id", "appointment_id"],
        unique=True,
        postgresql_where=sa.text("answer IS NULL"),
    )


def _room_days() -> None:
    """Create the counts of open seats that outlive the seats."""
    op.create_table(
        "room_day",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_room_day_seats")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_room_day_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "room", "service", "on_date", name=op.f("pk_room_day")),
    )


def downgrade() -> None:
    op.drop_table("room_day")
    op.drop_table("rebooking_offer")
