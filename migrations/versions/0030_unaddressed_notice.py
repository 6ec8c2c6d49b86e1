"""What people without a contact must be told by staff."""

import sqlalchemy as sa
from alembic import op

revision = "0030_unaddressed_notice"
down_revision = "0029_stored_forms"


def upgrade() -> None:
    op.create_table(
        "unaddressed_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reason IN ('no-contact', 'frozen', 'unproven')", name=op.f("ck_unaddressed_notice_reason")),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_unaddressed_notice_resolved_by_somebody")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unaddressed_notice")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_unaddressed_notice_event_id_person_id")),
    )
    op.create_index(
        "ix_unaddressed_notice_open",
        "unaddressed_notice",
        ["unit_id", "id"],
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(op.f("ix_unaddressed_notice_resolved_at"), "unaddressed_notice", ["resolved_at"])


def downgrade() -> None:
    op.drop_table("unaddressed_notice")
