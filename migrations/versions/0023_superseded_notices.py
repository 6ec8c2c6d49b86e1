"""Notices for staff that a later one about the same appointment or request replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0023_superseded_notices"
down_revision = "0022_desk_offers"

OPEN = sa.text("resolved_at IS NULL AND superseded_at IS NULL")


def upgrade() -> None:
    op.add_column("unaddressed_notice", sa.Column("superseded_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("ck_unaddressed_notice_superseded_open"),
        "unaddressed_notice",
        "resolved_at IS NULL OR superseded_at IS NULL",
    )
    op.drop_index("ix_unaddressed_notice_open", "unaddressed_notice")
    op.create_index("ix_unaddressed_notice_open", "unaddressed_notice", ["unit_id", "id"], postgresql_where=OPEN)
    op.create_index(
        "ix_unaddressed_notice_open_subject", "unaddressed_notice", ["subject_id", "person_id"], postgresql_where=OPEN
    )
    op.create_index("ix_unaddressed_notice_superseded_at", "unaddressed_notice", ["superseded_at"])


def downgrade() -> None:
    op.drop_index("ix_unaddressed_notice_superseded_at", "unaddressed_notice")
    op.drop_index("ix_unaddressed_notice_open_subject", "unaddressed_notice")
    op.drop_index("ix_unaddressed_notice_open", "unaddressed_notice")
    op.drop_constraint(op.f("ck_unaddressed_notice_superseded_open"), "unaddressed_notice")
    op.drop_column("unaddressed_notice", "superseded_at")
    op.create_index(
        "ix_unaddressed_notice_open",
        "unaddressed_notice",
        ["unit_id", "id"],
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
