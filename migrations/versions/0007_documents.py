"""Files that people gave for their requests."""

import sqlalchemy as sa
from alembic import op

revision = "0007_documents"
down_revision = "0006_catalog"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("scan", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("uploaded_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name="pk_document"),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')",
            name=op.f("ck_document_media_type"),
        ),
        sa.CheckConstraint("scan IN ('unscanned', 'clean')", name=op.f("ck_document_scan")),
        sa.CheckConstraint("state IN ('received', 'accepted', 'rejected')", name=op.f("ck_document_state")),
        sa.CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name=op.f("ck_document_rejected_with_reason")),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size")),
    )
    op.create_index("ix_document_person_id_subject_id", "document", ["person_id", "subject_id"])
    op.create_index("ix_document_storage_key", "document", ["storage_key"])


def downgrade() -> None:
    op.drop_table("document")
