"""Versions of messages' texts, what a message was written with, and what was reported of its delivery."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030_templates"
down_revision = "0029_webhooks"

AWARE = sa.DateTime(timezone=True)
ADDED = (
    ("template", sa.Text()),
    ("template_version", sa.Integer()),
    ("data", JSONB()),
    ("draft", JSONB()),
    ("delivered_at", AWARE),
    ("delayed_at", AWARE),
    ("failed_at", AWARE),
    ("failure_code", sa.Text()),
)
FAILURE_CODE = "failure_code IS NULL OR failed_at IS NOT NULL"


def upgrade() -> None:
    for name, kind in ADDED:
        op.add_column("message", sa.Column(name, kind))
    op.create_check_constraint(op.f("ck_message_failure_code"), "message", FAILURE_CODE)
    op.create_index("ix_message_person", "message", ["person_id", "created_at"])
    op.create_index("ix_message_failed", "message", ["failed_at"], postgresql_where=sa.text("failed_at IS NOT NULL"))
    op.add_column(
        "contact_failure", sa.Column("is_reported", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "message_template_version",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", JSONB()),
        sa.Column("restored_from", sa.Integer()),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_message_template_version_version")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff.id"], name=op.f("fk_message_template_version_created_by_staff")
        ),
        sa.PrimaryKeyConstraint("template", "version", name=op.f("pk_message_template_version")),
    )


def downgrade() -> None:
    op.drop_table("message_template_version")
    op.drop_column("contact_failure", "is_reported")
    op.drop_index("ix_message_failed", "message")
    op.drop_index("ix_message_person", "message")
    op.drop_constraint(op.f("ck_message_failure_code"), "message")
    for name, _kind in reversed(ADDED):
        op.drop_column("message", name)
