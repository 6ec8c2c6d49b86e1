"""The desk: queues with their letters, counters that are open, tickets, and appointments left unserved."""

import sqlalchemy as sa
from alembic import op

revision = "0014_desk"
down_revision = "0013_analytics"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    _queues()
    _counters()
    _tickets()
    _attendance("'booked', 'cancelled', 'attended', 'missed', 'unserved'")
    op.create_index(op.f("ix_appointment_unit_id_on_date"), "appointment", ["unit_id", "on_date"])


def _attendance(statuses: str) -> None:
    """Let an appointment end with one of these statuses."""
    op.drop_constraint(op.f("ck_appointment_status"), "appointment")
    op.create_check_constraint(op.f("ck_appointment_status"), "appointment", f"status IN ({statuses})")


def _queues() -> None:
    """Create the queues of each unit, and the last number given in each on a day."""
    op.create_table(
        "desk_queue",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("tolerance", sa.SmallInteger(), server_default=sa.text("10"), nullable=False),
        sa.Column("walk_in_offset", sa.SmallInteger(), server_default=sa.text("20"), nullable=False),
        sa.Column("protected", sa.SmallInteger(), server_default=sa.text("15"), nullable=False),
        sa.Column("appointment_target", sa.SmallInteger(), server_default=sa.text("30"), nullable=False),
        sa.Column("walk_in_target", sa.SmallInteger(), server_default=sa.text("120"), nullable=False),
        sa.Column("grace", sa.SmallInteger(), server_default=sa.text("60"), nullable=False),
        sa.Column("calls", sa.SmallInteger(), server_default=sa.text("3"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("letter ~ '^[A-Z]$'", name=op.f("ck_desk_queue_letter")),
        sa.CheckConstraint("appointment_target BETWEEN 1 AND 600", name=op.f("ck_desk_queue_appointment_target")),
        sa.CheckConstraint("calls BETWEEN 1 AND 10", name=op.f("ck_desk_queue_calls")),
        sa.CheckConstraint("grace BETWEEN 0 AND 600", name=op.f("ck_desk_queue_grace")),
        sa.CheckConstraint("protected BETWEEN 0 AND 240", name=op.f("ck_desk_queue_protected")),
        sa.CheckConstraint("tolerance BETWEEN 0 AND 120", name=op.f("ck_desk_queue_tolerance")),
        sa.CheckConstraint("walk_in_offset BETWEEN 0 AND 240", name=op.f("ck_desk_queue_walk_in_offset")),
        sa.CheckConstraint("walk_in_target BETWEEN 1 AND 600", name=op.f("ck_desk_queue_walk_in_target")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_desk_queue_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "service", name=op.f("pk_desk_queue")),
        sa.UniqueConstraint("unit_id", "letter", name=op.f("uq_desk_queue_unit_id_letter")),
    )
    op.create_table(
        "desk_number",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_desk_number_last")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_desk_number_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "on_date", "letter", name=op.f("pk_desk_number")),
    )


def _counters() -> None:
    """Create who sits at which counter."""
    op.create_table(
        "counter_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("services", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", AWARE, nullable=False),
        sa.Column("changed_at", AWARE, nullable=False),
        sa.Column("closed_at", AWARE),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_counter_session_closed_at")),
        sa.CheckConstraint("status IN ('open', 'paused', 'closed')", name=op.f("ck_counter_session_status")),
        sa.CheckConstraint("cardinality(services) > 0", name=op.f("ck_counter_session_services")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_counter_session_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["unit_id", "counter"],
            ["room.unit_id", "room.number"],
            name=op.f("fk_counter_session_unit_id_counter_room"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_counter_session_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_session")),
    )
    op.create_index(
        "uq_counter_session_counter",
        "counter_session",
        ["unit_id", "counter"],
        unique=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index(
        "uq_counter_session_staff",
        "counter_session",
        ["staff_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )


def _tickets() -> None:
    """Create tickets; who is next is found by the index of those that wait."""
    op.create_table(
        "desk_ticket",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("appointment_folio", sa.Text()),
        sa.Column("request_folio", sa.Text()),
        sa.Column("room", sa.Integer()),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", AWARE, nullable=False),
        sa.Column("due_at", AWARE),
        sa.Column("rank_at", AWARE, nullable=False),
        sa.Column("first_at", AWARE, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("calls", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("called_at", AWARE),
        sa.Column("called_by", sa.Uuid()),
        sa.Column("call_key", sa.Text()),
        sa.Column("counter", sa.Integer()),
        sa.Column("served_at", AWARE),
        sa.Column("ended_at", AWARE),
        sa.Column("left_because", sa.Text()),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(status = 'left') = (left_because IS NOT NULL)", name=op.f("ck_desk_ticket_left_because")),
        sa.CheckConstraint(
            "(status IN ('called', 'serving')) = (counter IS NOT NULL)", name=op.f("ck_desk_ticket_counter")
        ),
        sa.CheckConstraint(
            "(status IN ('done', 'left')) = (ended_at IS NOT NULL)", name=op.f("ck_desk_ticket_ended_at")
        ),
        sa.CheckConstraint(
            "left_because IN ('no-answer', 'gave-up', 'redirected', 'closed')", name=op.f("ck_desk_ticket_why_left")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'called', 'serving', 'parked', 'done', 'left')", name=op.f("ck_desk_ticket_status")
        ),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_desk_ticket_calls")),
        sa.CheckConstraint("number > 0", name=op.f("ck_desk_ticket_number")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_desk_ticket_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_desk_ticket_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_desk_ticket")),
        sa.UniqueConstraint(
            "unit_id", "on_date", "letter", "number", name=op.f("uq_desk_ticket_unit_id_on_date_letter_number")
        ),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(op.f("ix_desk_ticket_person_id_on_date"), "desk_ticket", ["person_id", "on_date"])
    op.create_index(
        op.f("ix_desk_ticket_unit_id_on_date_called_at"), "desk_ticket", ["unit_id", "on_date", "called_at"]
    )
    op.create_index(
        "ix_desk_ticket_waiting",
        "desk_ticket",
        ["unit_id", "service", "rank_at", "number"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "uq_desk_ticket_appointment",
        "desk_ticket",
        ["unit_id", "appointment_folio", "on_date"],
        unique=True,
        postgresql_where=sa.text("status <> 'left'"),
    )
    op.create_index("uq_desk_ticket_call", "desk_ticket", ["called_by", "call_key"], unique=True)
    op.create_index(
        "uq_desk_ticket_counter",
        "desk_ticket",
        ["unit_id", "counter"],
        unique=True,
        postgresql_where=sa.text("counter IS NOT NULL"),
    )
    op.create_index(
        "uq_desk_ticket_person",
        "desk_ticket",
        ["unit_id", "on_date", "service", "person_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'called', 'serving', 'parked')"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_appointment_unit_id_on_date"), "appointment")
    op.execute("UPDATE appointment SET status = 'booked' WHERE status = 'unserved'")
    _attendance("'booked', 'cancelled', 'attended', 'missed'")
    for name in ("desk_ticket", "counter_session", "desk_number", "desk_queue"):
        op.drop_table(name)
