"""Reminders of appointments, what people prefer, confirmations, and contacts that refuse messages."""

import sqlalchemy as sa
from alembic import op

revision = "0024_reminders"
down_revision = "0023_superseded_notices"

AWARE = sa.DateTime(timezone=True)
OLD = "status IN ('pending', 'shown', 'sent', 'dead-letter', 'resolved')"
NEW = "status IN ('pending', 'shown', 'sent', 'dead-letter', 'resolved', 'dropped', 'uncertain')"
CHANNEL = "channel IN ('email', 'sms')"


def upgrade() -> None:
    op.add_column("appointment", sa.Column("confirmed_start_at", AWARE))
    op.create_index(
        "ix_appointment_start",
        "appointment",
        ["unit_id", "start_at"],
        postgresql_where=sa.text("status = 'booked' AND affected IS NULL"),
    )
    op.add_column("request", sa.Column("reminded_answer_by", sa.Date()))
    op.add_column("request", sa.Column("draft_reminded_at", AWARE))
    op.drop_constraint(op.f("ck_message_status"), "message")
    op.create_check_constraint(op.f("ck_message_status"), "message", NEW)
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_at", AWARE),
        sa.CheckConstraint("moment IN ('days-3', 'day-1', 'hours-3')", name=op.f("ck_reminder_moment")),
        sa.CheckConstraint("status IN ('queued', 'waiting', 'composed', 'dropped')", name=op.f("ck_reminder_status")),
        sa.CheckConstraint("answer IN ('confirmed', 'moved', 'cancelled')", name=op.f("ck_reminder_answer")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_reminder_answered_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "appointment_id", "start_at", "moment", name=op.f("uq_reminder_appointment_id_start_at_moment")
        ),
    )
    op.create_index(op.f("ix_reminder_created_at"), "reminder", ["created_at"])
    op.create_index("ix_reminder_waiting", "reminder", ["unit_id"], postgresql_where=sa.text("status = 'waiting'"))
    op.create_table(
        "reminder_progress",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("until", AWARE, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reminder_progress_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_reminder_progress")),
    )
    op.create_table(
        "reminder_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("days_3", sa.Boolean(), nullable=False),
        sa.Column("day_1", sa.Boolean(), nullable=False),
        sa.Column("hours_3", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("changed_at", AWARE, nullable=False),
        sa.CheckConstraint(CHANNEL, name=op.f("ck_reminder_preference_channel")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_preference_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reminder_preference")),
    )
    op.create_table(
        "contact_failure",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", AWARE, nullable=False),
        sa.CheckConstraint(CHANNEL, name=op.f("ck_contact_failure_channel")),
        sa.CheckConstraint("failures > 0", name=op.f("ck_contact_failure_failures")),
        sa.PrimaryKeyConstraint("person_id", "channel", name=op.f("pk_contact_failure")),
    )


def downgrade() -> None:
    for table in ("contact_failure", "reminder_preference", "reminder_progress", "reminder"):
        op.drop_table(table)
    op.execute("DELETE FROM message WHERE status IN ('dropped', 'uncertain')")
    op.drop_constraint(op.f("ck_message_status"), "message")
    op.create_check_constraint(op.f("ck_message_status"), "message", OLD)
    op.drop_index("ix_appointment_start", "appointment")
    op.drop_column("appointment", "confirmed_start_at")
    op.drop_column("request", "draft_reminded_at")
    op.drop_column("request", "reminded_answer_by")
