"""Versions of services as they were published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006_catalog"
down_revision = "0005_registry"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "service_version",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
        sa.Column("published_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("service", "version", name="pk_service_version"),
        sa.CheckConstraint("version > 0", name=op.f("ck_service_version_version")),
    )


def downgrade() -> None:
    op.drop_table("service_version")
