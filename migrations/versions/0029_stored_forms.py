"""Forms whose session had ended, stored encrypted until their owner signs in again."""

import sqlalchemy as sa
from alembic import op

revision = "0029_stored_forms"
down_revision = "0028_certificate_signer"


def upgrade() -> None:
    op.create_table(
        "stored_form",
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(sealed) <= 262144", name=op.f("ck_stored_form_size")),
        sa.PrimaryKeyConstraint("owner", "page", name=op.f("pk_stored_form")),
    )
    op.create_index(op.f("ix_stored_form_expires_at"), "stored_form", ["expires_at"])


def downgrade() -> None:
    op.drop_table("stored_form")
