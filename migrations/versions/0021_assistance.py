"""Assistance: staff who act for a person at the counter or on the telephone, and the codes read out to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021_assistance"
down_revision = "0020_offline"

AWARE = sa.DateTime(timezone=True)
PURPOSES = "'sign-in', 'registry', 'enrol', 'open', 'contact', 'confirm', 'desk'"


def upgrade() -> None:
    _purposes(f"{PURPOSES}, 'assist'")
    op.create_table(
        "assistance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("assurance", sa.Text(), nullable=True),
        sa.Column("asked", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("started_at", AWARE, nullable=False),
        sa.Column("seen_at", AWARE, nullable=False),
        sa.Column("checked_at", AWARE, nullable=True),
        sa.Column("ended_at", AWARE, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("channel IN ('desk', 'phone')", name=op.f("ck_assistance_channel")),
        sa.CheckConstraint("identity IN ('document', 'questions', 'code')", name=op.f("ck_assistance_identity")),
        sa.CheckConstraint("ended_by IN ('staff', 'idle')", name=op.f("ck_assistance_ended_by")),
        sa.CheckConstraint("assurance IN ('low', 'full')", name=op.f("ck_assistance_assurance")),
        sa.CheckConstraint(
            "num_nonnulls(identity, assurance, checked_at) IN (0, 3)", name=op.f("ck_assistance_checked")
        ),
        sa.CheckConstraint(
            "(document IS NOT NULL) = (identity IS NOT DISTINCT FROM 'document')", name=op.f("ck_assistance_document")
        ),
        sa.CheckConstraint("document IS NULL OR channel = 'desk'", name=op.f("ck_assistance_document_at_desk")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_assistance_ended")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assistance_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance")),
    )
    op.create_index(
        "uq_assistance_open",
        "assistance",
        ["staff_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_assistance_person_id"), "assistance", ["person_id"])
    op.create_index("ix_assistance_seen_at", "assistance", ["seen_at"], postgresql_where=sa.text("ended_at IS NULL"))


def _purposes(purposes: str) -> None:
    """Let a code be for one of these purposes."""
    op.drop_constraint(op.f("ck_sign_in_code_purpose"), "sign_in_code")
    op.create_check_constraint(op.f("ck_sign_in_code_purpose"), "sign_in_code", f"purpose IN ({purposes})")


def downgrade() -> None:
    op.drop_table("assistance")
    op.execute("DELETE FROM sign_in_code WHERE purpose = 'assist'")
    _purposes(PURPOSES)
