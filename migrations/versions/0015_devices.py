"""Devices of a unit: kiosks and boards that act by a token of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0015_devices"
down_revision = "0014_desk"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "device_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("code_digest", sa.LargeBinary()),
        sa.Column("code_expires_at", AWARE),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("paired_at", AWARE),
        sa.Column("last_used_at", AWARE),
        sa.Column("revoked_at", AWARE),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("kind IN ('kiosk', 'board')", name=op.f("ck_device_token_kind")),
        sa.CheckConstraint(
            "(code_digest IS NULL) = (code_expires_at IS NULL)", name=op.f("ck_device_token_code_expires_at")
        ),
        sa.CheckConstraint(
            "revoked_at IS NULL OR (digest IS NULL AND code_digest IS NULL)", name=op.f("ck_device_token_revoked_at")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_device_token_created_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_token")),
    )
    op.create_index("uq_device_token_digest", "device_token", ["digest"], unique=True)
    op.create_index("uq_device_token_code_digest", "device_token", ["code_digest"], unique=True)
    op.create_index(op.f("ix_device_token_unit_id"), "device_token", ["unit_id"])


def downgrade() -> None:
    op.drop_table("device_token")
