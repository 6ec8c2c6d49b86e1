"""Requests, what is said about them, their documents, and the table of open work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_requests"
down_revision = "0008_catalog"


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
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')",
            name=op.f("ck_document_media_type"),
        ),
        sa.CheckConstraint("scan IN ('unscanned', 'clean')", name=op.f("ck_document_scan")),
        sa.CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name=op.f("ck_document_rejected_with_reason")),
        sa.CheckConstraint("state IN ('received', 'accepted', 'rejected')", name=op.f("ck_document_state")),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_person_id_subject_id"), "document", ["person_id", "subject_id"], unique=False)
    op.create_index(op.f("ix_document_storage_key"), "document", ["storage_key"], unique=False)
    op.create_table(
        "request_message",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asks", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "author_kind IN ('citizen', 'staff', 'system')", name=op.f("ck_request_message_author_kind")
        ),
        sa.CheckConstraint(
            "kind IN ('message', 'ask', 'answer', 'appeal', 'decision', 'note')", name=op.f("ck_request_message_kind")
        ),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name=op.f("ck_request_message_body")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_request_message")),
    )
    op.create_index(
        op.f("ix_request_message_person_id_request_id"), "request_message", ["person_id", "request_id"], unique=False
    )
    op.create_table(
        "work_item",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("rank_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_key", sa.Text(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('officer', 'supervisor')", name=op.f("ck_work_item_role")),
        sa.CheckConstraint("lease_until IS NULL OR holder_id IS NOT NULL", name=op.f("ck_work_item_lease_of_somebody")),
        sa.PrimaryKeyConstraint("unit_id", "request_id", name=op.f("pk_work_item")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(op.f("ix_work_item_due_on"), "work_item", ["due_on"], unique=False)
    op.create_index(
        "ix_work_item_free",
        "work_item",
        ["unit_id", "rank_on", "submitted_at", "request_id"],
        unique=False,
        postgresql_include=["role", "service"],
        postgresql_where=sa.text("holder_id IS NULL"),
    )
    op.create_index(
        "ix_work_item_free_anywhere",
        "work_item",
        ["rank_on", "submitted_at", "request_id"],
        unique=False,
        postgresql_include=["role", "service"],
        postgresql_where=sa.text("holder_id IS NULL"),
    )
    op.create_index(
        "ix_work_item_holder",
        "work_item",
        ["holder_id", "claim_key"],
        unique=False,
        postgresql_where=sa.text("holder_id IS NOT NULL"),
    )
    op.create_index(
        "ix_work_item_lease",
        "work_item",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(op.f("ix_work_item_request_id"), "work_item", ["request_id"], unique=False)
    op.create_table(
        "request",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("service_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("acting_as", sa.Text(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("duplicate_key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("target_days", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent_days", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("running_since", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("head_start", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("checks", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("result", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointment_folio", sa.Text(), nullable=True),
        sa.Column("feedback", postgresql.JSONB(), nullable=True),
        sa.Column("search", postgresql.TSVECTOR(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(acting_as = 'mandate') = (mandate_id IS NOT NULL)", name=op.f("ck_request_consent_recorded")
        ),
        sa.CheckConstraint("(kind = 'draft') = (submitted_at IS NULL)", name=op.f("ck_request_draft_until_submitted")),
        sa.CheckConstraint("(kind = 'final') = (outcome IS NOT NULL)", name=op.f("ck_request_ends_with_outcome")),
        sa.CheckConstraint(
            "(kind IN ('waiting', 'visit')) = (answer_by IS NOT NULL)", name=op.f("ck_request_owes_until")
        ),
        sa.CheckConstraint("acting_as IN ('self', 'holder', 'mandate', 'staff')", name=op.f("ck_request_acting_as")),
        sa.CheckConstraint(
            "kind IN ('draft', 'checking', 'review', 'waiting', 'visit', 'final')", name=op.f("ck_request_kind")
        ),
        sa.CheckConstraint(
            "outcome IN ('approved', 'refused', 'withdrawn', 'lapsed')", name=op.f("ck_request_outcome")
        ),
        sa.CheckConstraint("spent_days >= 0 AND target_days >= 0", name=op.f("ck_request_clock")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service", "service_version"],
            ["service_version.service", "service_version.version"],
            name=op.f("fk_request_service_service_version_service_version"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_request")),
        sa.UniqueConstraint("person_id", "folio", name=op.f("uq_request_person_id_folio")),
    )
    op.create_index(op.f("ix_request_applicant_id_id"), "request", ["applicant_id", "id"], unique=False)
    op.create_index(
        "ix_request_draft_age", "request", ["changed_at"], unique=False, postgresql_where=sa.text("kind = 'draft'")
    )
    op.create_index(op.f("ix_request_folio"), "request", ["folio"], unique=False)
    op.create_index(
        "ix_request_owed", "request", ["answer_by"], unique=False, postgresql_where=sa.text("answer_by IS NOT NULL")
    )
    op.create_index(
        "ix_request_newest",
        "request",
        ["submitted_at"],
        unique=False,
        postgresql_where=sa.text("submitted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_request_newest_of_unit",
        "request",
        ["unit_id", "submitted_at"],
        unique=False,
        postgresql_where=sa.text("submitted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_request_search",
        "request",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        "uq_request_draft",
        "request",
        ["person_id", "service", "applicant_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'draft'"),
    )
    op.create_index(
        "uq_request_open",
        "request",
        ["person_id", "service", "duplicate_key"],
        unique=True,
        postgresql_where=sa.text("kind IN ('checking', 'review', 'waiting', 'visit')"),
    )


def downgrade() -> None:
    for table in ("work_item", "request_message", "request", "document"):
        op.drop_table(table)
