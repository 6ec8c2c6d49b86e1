"""Requests, what is said about them, refusals and their appeals, and the table of open work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0009_requests"
down_revision = "0008_appointments"

AWARE = sa.DateTime(timezone=True)
EMPTY = sa.text("'{}'")


def upgrade() -> None:
    _requests()
    _refusals()
    _work()


def _requests() -> None:
    """Create requests, their messages, and the words of names that a search completes."""
    op.create_table(
        "request",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("service_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("acting_as", sa.Text(), nullable=False),
        sa.Column("mandate_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("duplicate_key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("target_days", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent_days", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("running_since", sa.Date()),
        sa.Column("due_on", sa.Date()),
        sa.Column("answer_by", sa.Date()),
        sa.Column("stopped_at", AWARE),
        sa.Column("priority_days", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("checks", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("result", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("proposed_by", sa.Uuid()),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", AWARE),
        sa.Column("decision_id", sa.Uuid()),
        sa.Column("refused_by", sa.ARRAY(sa.Uuid()), server_default=EMPTY, nullable=False),
        sa.Column("excluded_ids", sa.ARRAY(sa.Uuid()), server_default=EMPTY, nullable=False),
        sa.Column("appointment_folio", sa.Text()),
        sa.Column("feedback", JSONB()),
        sa.Column("search", TSVECTOR()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("changed_at", AWARE, nullable=False),
        sa.Column("submitted_at", AWARE),
        sa.PrimaryKeyConstraint("person_id", "id", name="pk_request"),
        sa.UniqueConstraint("person_id", "folio", name="uq_request_person_id_folio"),
        sa.ForeignKeyConstraint(
            ["service", "service_version"],
            ["service_version.service", "service_version.version"],
            name="fk_request_service_service_version_service_version",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_request_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_request_unit_id_unit"),
        sa.CheckConstraint(
            "kind IN ('draft', 'checking', 'review', 'waiting', 'visit', 'final')", name=op.f("ck_request_kind")
        ),
        sa.CheckConstraint("(kind = 'final') = (outcome IS NOT NULL)", name=op.f("ck_request_ends_with_outcome")),
        sa.CheckConstraint(
            "outcome IN ('approved', 'refused', 'withdrawn', 'lapsed')", name=op.f("ck_request_outcome")
        ),
        sa.CheckConstraint("(kind = 'draft') = (submitted_at IS NULL)", name=op.f("ck_request_draft_until_submitted")),
        sa.CheckConstraint("acting_as IN ('self', 'holder', 'mandate', 'staff')", name=op.f("ck_request_acting_as")),
        sa.CheckConstraint(
            "(acting_as = 'mandate') = (mandate_id IS NOT NULL)", name=op.f("ck_request_consent_recorded")
        ),
        sa.CheckConstraint("spent_days >= 0 AND target_days >= 0", name=op.f("ck_request_clock")),
        sa.CheckConstraint(
            "(kind IN ('waiting', 'visit')) = (answer_by IS NOT NULL)", name=op.f("ck_request_owes_until")
        ),
        sa.CheckConstraint(
            "(kind IN ('waiting', 'visit')) = (stopped_at IS NOT NULL)", name=op.f("ck_request_stopped_since")
        ),
        # Who took part in a refusal decides nothing in its appeal.
        sa.CheckConstraint(
            "(decided_by IS NULL OR decided_by <> ALL (excluded_ids))"
            " AND (proposed_by IS NULL OR proposed_by <> ALL (excluded_ids))",
            name=op.f("ck_request_appeal_decided_by_others"),
        ),
    )
    op.create_index("ix_request_applicant_id_id", "request", ["applicant_id", "id"])
    op.create_index("ix_request_draft_age", "request", ["changed_at"], postgresql_where=sa.text("kind = 'draft'"))
    # Also found by its beginning.
    op.create_index("ix_request_folio", "request", ["folio"], postgresql_ops={"folio": "text_pattern_ops"})
    op.create_index(
        "ix_request_newest", "request", ["submitted_at"], postgresql_where=sa.text("submitted_at IS NOT NULL")
    )
    op.create_index(
        "ix_request_newest_of_unit",
        "request",
        ["unit_id", "submitted_at"],
        postgresql_where=sa.text("submitted_at IS NOT NULL"),
    )
    op.create_index("ix_request_owed", "request", ["answer_by"], postgresql_where=sa.text("answer_by IS NOT NULL"))
    # Without a list of pending entries: one request in many would pay for sorting it in, and so would each search.
    op.create_index(
        "ix_request_search", "request", ["search"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.create_index(
        "ix_request_stopped",
        "request",
        ["kind", "stopped_at", "id"],
        postgresql_include=["unit_id"],
        postgresql_where=sa.text("stopped_at IS NOT NULL"),
    )
    op.create_index(
        "uq_request_draft",
        "request",
        ["person_id", "service", "applicant_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'draft'"),
    )
    # One open request a person, service and thing asked for: the duplicate is shown, never created.
    op.create_index(
        "uq_request_open",
        "request",
        ["person_id", "service", "duplicate_key"],
        unique=True,
        postgresql_where=sa.text("kind IN ('checking', 'review', 'waiting', 'visit')"),
    )
    op.create_table(
        "request_message",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asks", JSONB()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name="pk_request_message"),
        sa.CheckConstraint(
            "kind IN ('message', 'ask', 'answer', 'appeal', 'decision', 'note')", name=op.f("ck_request_message_kind")
        ),
        sa.CheckConstraint(
            "author_kind IN ('citizen', 'staff', 'system')", name=op.f("ck_request_message_author_kind")
        ),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name=op.f("ck_request_message_body")),
    )
    op.create_index("ix_request_message_person_id_request_id", "request_message", ["person_id", "request_id"])
    op.create_table(
        "name_word",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_name_word"),
    )


def _refusals() -> None:
    """Create appeals and refusals, which follow their request to another person."""
    op.create_table(
        "appeal",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_appeal"),
        sa.ForeignKeyConstraint(
            ["person_id", "request_id"],
            ["request.person_id", "request.id"],
            name="fk_appeal_person_id_request_id_request",
            onupdate="CASCADE",
        ),
    )
    op.create_index("ix_appeal_person_id_request_id", "appeal", ["person_id", "request_id"])
    op.create_table(
        "refusal",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("refused_at", AWARE, nullable=False),
        sa.Column("notified_at", AWARE),
        sa.Column("notified_to", sa.Uuid()),
        sa.Column("document", JSONB()),
        sa.Column("annulled_at", AWARE),
        sa.Column("confirmed_at", AWARE),
        sa.Column("confirmation_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("decision_id", name="pk_refusal"),
        sa.UniqueConstraint("confirmation_id", name="uq_refusal_confirmation_id"),
        sa.ForeignKeyConstraint(
            ["person_id", "request_id"],
            ["request.person_id", "request.id"],
            name="fk_refusal_person_id_request_id_request",
            onupdate="CASCADE",
        ),
        sa.CheckConstraint(
            "(notified_at IS NULL) = (notified_to IS NULL)", name=op.f("ck_refusal_notified_to_somebody")
        ),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmation_id IS NULL)", name=op.f("ck_refusal_confirmed")),
    )
    op.create_index("ix_refusal_person_id_request_id", "refusal", ["person_id", "request_id"])


def _work() -> None:
    """Create the open work of staff: one row a request while it waits for them."""
    op.create_table(
        "work_item",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'decision'"), nullable=False),
        sa.Column("rank_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", AWARE, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid()),
        sa.Column("lease_until", AWARE),
        sa.Column("claim_key", sa.Text()),
        sa.Column("escalated_at", AWARE),
        sa.Column("excluded_ids", sa.ARRAY(sa.Uuid()), server_default=EMPTY, nullable=False),
        sa.Column("is_appeal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "request_id", name="pk_work_item"),
        sa.CheckConstraint("role IN ('officer', 'supervisor')", name=op.f("ck_work_item_role")),
        sa.CheckConstraint("kind IN ('decision', 'message')", name=op.f("ck_work_item_kind")),
        sa.CheckConstraint("lease_until IS NULL OR holder_id IS NOT NULL", name=op.f("ck_work_item_lease_of_somebody")),
        sa.CheckConstraint(
            "holder_id IS NULL OR holder_id <> ALL (excluded_ids)", name=op.f("ck_work_item_holder_not_excluded")
        ),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_work_item_due_on", "work_item", ["due_on"])
    op.create_index(
        "ix_work_item_free",
        "work_item",
        ["unit_id", "rank_on", "submitted_at", "request_id"],
        postgresql_include=["role", "service"],
        postgresql_where=sa.text("holder_id IS NULL"),
    )
    op.create_index(
        "ix_work_item_free_anywhere",
        "work_item",
        ["rank_on", "submitted_at", "request_id"],
        postgresql_include=["role", "service"],
        postgresql_where=sa.text("holder_id IS NULL"),
    )
    op.create_index(
        "uq_work_item_claim",
        "work_item",
        ["holder_id", "claim_key"],
        postgresql_where=sa.text("holder_id IS NOT NULL"),
        unique=True,
    )
    op.create_index(
        "ix_work_item_lease", "work_item", ["lease_until"], postgresql_where=sa.text("lease_until IS NOT NULL")
    )
    op.create_index("ix_work_item_request_id", "work_item", ["request_id"])


def downgrade() -> None:
    for table in ("work_item", "refusal", "appeal", "name_word", "request_message", "request"):
        op.drop_table(table)
