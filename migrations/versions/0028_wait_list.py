"""The wait list: entries, freed seats, offers; and how often a person held a seat on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0028_wait_list"
down_revision = "0027_statement"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    _entries()
    _freed_seats()
    _offers()
    _hold_counts()


def _entries() -> None:
    """Create the entries: a person waits once for a service."""
    op.create_table(
        "wait_entry",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("shift", sa.Text()),
        sa.Column("room", sa.Integer()),
        sa.Column("notice_hours", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", AWARE, nullable=False),
        sa.Column("renewed_at", AWARE, nullable=False),
        sa.Column("asked_by_kind", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("ignored", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("end_reason", sa.Text()),
        sa.Column("ended_at", AWARE),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(status = 'ended') = (end_reason IS NOT NULL AND ended_at IS NOT NULL)", name=op.f("ck_wait_entry_ended")
        ),
        sa.CheckConstraint(
            "end_reason IN ('accepted', 'left', 'appointment-over', 'appointment-cancelled', 'booked-elsewhere', "
            "'not-eligible', 'expired')",
            name=op.f("ck_wait_entry_end_reason"),
        ),
        sa.CheckConstraint(
            "service IN ('family-medicine', 'dental', 'preventive', 'window') OR service ~ '^specialist-[a-z-]+$'",
            name=op.f("ck_wait_entry_service"),
        ),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_wait_entry_shift")),
        sa.CheckConstraint("status IN ('active', 'paused', 'ended')", name=op.f("ck_wait_entry_status")),
        sa.CheckConstraint("ignored >= 0", name=op.f("ck_wait_entry_ignored")),
        sa.CheckConstraint("notice_hours BETWEEN 2 AND 168", name=op.f("ck_wait_entry_notice_hours")),
        sa.CheckConstraint(
            "weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[] AND cardinality(weekdays) > 0",
            name=op.f("ck_wait_entry_weekdays"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wait_entry_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wait_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_wait_entry")),
    )
    op.create_index(
        "ix_wait_entry_active",
        "wait_entry",
        ["unit_id", "service", "asked_at"],
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_wait_entry_ended",
        "wait_entry",
        ["unit_id", "service", "ended_at"],
        postgresql_where=sa.text("status = 'ended'"),
    )
    op.create_index(op.f("ix_wait_entry_id"), "wait_entry", ["id"])
    op.create_index(op.f("ix_wait_entry_person_id"), "wait_entry", ["person_id"])
    op.create_index(
        "uq_wait_entry_person",
        "wait_entry",
        ["person_id", "service"],
        unique=True,
        postgresql_where=sa.text("status <> 'ended'"),
    )


def _freed_seats() -> None:
    """Create the seats that were freed while someone waited for their like."""
    op.create_table(
        "freed_seat",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("seat", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("freed_at", AWARE, nullable=False),
        sa.Column("look_at", AWARE, nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("ended_at", AWARE),
        sa.CheckConstraint("outcome IN ('accepted', 'returned', 'taken')", name=op.f("ck_freed_seat_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_freed_seat_ended_at")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 240", name=op.f("ck_freed_seat_minutes")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_freed_seat_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_freed_seat")),
    )
    op.create_index(
        "ix_freed_seat_look_at", "freed_seat", ["look_at", "unit_id"], postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index(op.f("ix_freed_seat_unit_id_freed_at"), "freed_seat", ["unit_id", "freed_at"])
    op.create_index(
        "uq_freed_seat_open",
        "freed_seat",
        ["unit_id", "room", "start_at", "seat"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )


def _offers() -> None:
    """Create the offers: one open offer of a seat, one of an entry, one acceptance of a freed seat."""
    op.create_table(
        "wait_offer",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("freed_seat_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("seat", sa.SmallInteger(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("had_start_at", AWARE),
        sa.Column("made_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_at", AWARE),
        sa.Column("answered_by", sa.Text()),
        sa.CheckConstraint(
            "answer IN ('accepted', 'declined', 'expired', 'unreachable', 'withdrawn')",
            name=op.f("ck_wait_offer_answer"),
        ),
        sa.CheckConstraint("need IN ('affected', 'without', 'earlier')", name=op.f("ck_wait_offer_need")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_wait_offer_answered_at")),
        sa.CheckConstraint("expires_at > made_at AND expires_at < start_at", name=op.f("ck_wait_offer_expires_at")),
        sa.CheckConstraint("place BETWEEN 1 AND candidates", name=op.f("ck_wait_offer_place")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wait_offer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["unit_id", "entry_id"],
            ["wait_entry.unit_id", "wait_entry.id"],
            name=op.f("fk_wait_offer_unit_id_entry_id_wait_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id", "freed_seat_id"],
            ["freed_seat.unit_id", "freed_seat.id"],
            name=op.f("fk_wait_offer_unit_id_freed_seat_id_freed_seat"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wait_offer_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_wait_offer")),
    )
    op.create_index(op.f("ix_wait_offer_id"), "wait_offer", ["id"])
    op.create_index(op.f("ix_wait_offer_unit_id_entry_id"), "wait_offer", ["unit_id", "entry_id"])
    op.create_index(op.f("ix_wait_offer_unit_id_freed_seat_id"), "wait_offer", ["unit_id", "freed_seat_id"])
    op.create_index(op.f("ix_wait_offer_unit_id_made_at"), "wait_offer", ["unit_id", "made_at"])
    op.create_index(
        "uq_wait_offer_accepted",
        "wait_offer",
        ["unit_id", "freed_seat_id"],
        unique=True,
        postgresql_where=sa.text("answer = 'accepted'"),
    )
    op.create_index(
        "uq_wait_offer_entry",
        "wait_offer",
        ["unit_id", "entry_id"],
        unique=True,
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_index(
        "uq_wait_offer_seat",
        "wait_offer",
        ["unit_id", "room", "start_at", "seat"],
        unique=True,
        postgresql_where=sa.text("answer IS NULL"),
    )


def _hold_counts() -> None:
    """Create the count of holds by person and day."""
    op.create_table(
        "hold_count",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.CheckConstraint("holds > 0", name=op.f("ck_hold_count_holds")),
        sa.PrimaryKeyConstraint("person_id", "on_date", name=op.f("pk_hold_count")),
        postgresql_with={"fillfactor": "70"},
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    for table in ("hold_count", "wait_offer", "freed_seat", "wait_entry"):
        op.drop_table(table)
