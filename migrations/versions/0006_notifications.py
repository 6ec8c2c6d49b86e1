"""Messages to people."""

import sqlalchemy as sa
from alembic import op

revision = "0006_notifications"
down_revision = "0005_appointments"

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
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("sent_at", AWARE),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("event_id", "person_id", "channel", name="uq_message_event_id_person_id_channel"),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_message_channel")),
        sa.CheckConstraint(
            "status IN ('pending', 'shown', 'sent', 'parked', 'dismissed')", name=op.f("ck_message_status")
        ),
        sa.CheckConstraint("status <> 'parked' OR last_error IS NOT NULL", name=op.f("ck_message_parked_has_reason")),
    )
    op.create_index("ix_message_created_at", "message", ["created_at"])
    op.create_index("ix_message_parked", "message", ["id"], postgresql_where=sa.text("status = 'parked'"))


def downgrade() -> None:
    op.drop_table("message")
