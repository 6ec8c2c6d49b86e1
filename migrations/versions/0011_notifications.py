"""Messages to people, and what staff must notify people without a contact of."""

import sqlalchemy as sa
from alembic import op

revision = "0011_notifications"
down_revision = "0010_certificates"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("link", sa.Text()),
        sa.Column("calendar", sa.Text()),
        sa.Column("status", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("sending_at", AWARE),
        sa.Column("sent_at", AWARE),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint(
            "event_id", "person_id", "channel", "recipient", name="uq_message_event_id_person_id_channel_recipient"
        ),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_message_channel")),
        sa.CheckConstraint(
            "status IN ('pending', 'shown', 'sent', 'dead-letter', 'resolved')", name=op.f("ck_message_status")
        ),
        sa.CheckConstraint(
            "status <> 'dead-letter' OR last_error IS NOT NULL", name=op.f("ck_message_dead_letter_has_reason")
        ),
    )
    op.create_index("ix_message_created_at", "message", ["created_at"])
    op.create_index("ix_message_dead_letter", "message", ["id"], postgresql_where=sa.text("status = 'dead-letter'"))
    op.create_index(
        "ix_message_pending", "message", ["kind", "created_at"], postgresql_where=sa.text("status = 'pending'")
    )
    op.create_table(
        "unaddressed_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("folio", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("resolved_at", AWARE),
        sa.Column("resolved_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_unaddressed_notice"),
        sa.UniqueConstraint("event_id", "person_id", name="uq_unaddressed_notice_event_id_person_id"),
        sa.CheckConstraint("reason IN ('no-contact', 'frozen', 'unproven')", name=op.f("ck_unaddressed_notice_reason")),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_unaddressed_notice_resolved_by_somebody")
        ),
    )
    op.create_index(
        "ix_unaddressed_notice_open",
        "unaddressed_notice",
        ["unit_id", "id"],
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index("ix_unaddressed_notice_resolved_at", "unaddressed_notice", ["resolved_at"])


def downgrade() -> None:
    for table in ("unaddressed_notice", "message"):
        op.drop_table(table)
