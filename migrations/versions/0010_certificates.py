"""Signed documents of decided requests, and requests whose document can't be printed as written."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010_certificates"
down_revision = "0009_requests"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("holder_label", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("certified", JSONB(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("decided_at", AWARE, nullable=False),
        sa.Column("issued_at", AWARE, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("superseded_by", sa.Uuid()),
        sa.Column("superseded_at", AWARE),
        sa.PrimaryKeyConstraint("person_id", "id", name="pk_certificate"),
        sa.UniqueConstraint(
            "person_id",
            "request_id",
            "language",
            "decision_id",
            name="uq_certificate_person_id_request_id_language_decision_id",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_certificate_person_id_person"),
        sa.CheckConstraint("language IN ('es', 'en')", name=op.f("ck_certificate_language")),
        sa.CheckConstraint("char_length(code) = 10", name=op.f("ck_certificate_code")),
        sa.CheckConstraint("size > 0", name=op.f("ck_certificate_size")),
        sa.CheckConstraint("(superseded_by IS NULL) = (superseded_at IS NULL)", name=op.f("ck_certificate_superseded")),
    )
    op.create_index("ix_certificate_folio", "certificate", ["folio"])
    op.create_index("ix_certificate_sha256", "certificate", ["sha256"], postgresql_using="hash")
    op.create_index("ix_certificate_signer", "certificate", ["signer"], postgresql_using="hash")
    op.create_index("ix_certificate_storage_key", "certificate", ["storage_key"])
    op.create_table(
        "unprintable_certificate",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("request_folio", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("letters", sa.Text(), nullable=False),
        sa.Column("reported_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "request_id", name="pk_unprintable_certificate"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_unprintable_certificate_person_id_person"),
    )
    op.create_index(
        "ix_unprintable_certificate_unit_id_reported_at", "unprintable_certificate", ["unit_id", "reported_at"]
    )


def downgrade() -> None:
    for table in ("unprintable_certificate", "certificate"):
        op.drop_table(table)
