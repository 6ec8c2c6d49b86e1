"""Certificates: signed documents of decided requests."""

import sqlalchemy as sa
from alembic import op

revision = "0010_certificates"
down_revision = "0009_requests"


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("holder_label", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('es', 'en')", name=op.f("ck_certificate_language")),
        sa.CheckConstraint("char_length(code) = 10", name=op.f("ck_certificate_code")),
        sa.CheckConstraint("size > 0", name=op.f("ck_certificate_size")),
        sa.CheckConstraint("(superseded_by IS NULL) = (superseded_at IS NULL)", name=op.f("ck_certificate_superseded")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "person_id", "request_id", "language", name=op.f("uq_certificate_person_id_request_id_language")
        ),
    )
    op.create_index(op.f("ix_certificate_folio"), "certificate", ["folio"], unique=False)
    op.create_index(op.f("ix_certificate_storage_key"), "certificate", ["storage_key"], unique=False)


def downgrade() -> None:
    op.drop_table("certificate")
