"""Refusals with their document and notification, and the agency's calendar of administrative terms.

A certificate is of one decision: a request refused, and approved on appeal, has two.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042_refusal"
down_revision = "0041_kinship"

# Refusals in force, or under appeal, from before: without a document, and not known to have been shown to anybody.
_REFUSED = """
    INSERT INTO refusal (decision_id, person_id, request_id, refused_at)
    SELECT r.decision_id, r.person_id, r.id, coalesce(r.decided_at, a.created_at)
    FROM request r LEFT JOIN appeal a ON a.decision_id = r.decision_id
    WHERE r.decision_id IS NOT NULL AND r.outcome IS DISTINCT FROM 'approved'
        AND coalesce(r.decided_at, a.created_at) IS NOT NULL
"""
_CERTIFIED = """
    UPDATE certificate c SET decision_id = coalesce(
        (SELECT r.decision_id FROM request r WHERE (r.person_id, r.id) = (c.person_id, c.request_id)), c.request_id)
"""
_ONE = "uq_certificate_person_id_request_id_language"


def upgrade() -> None:
    op.create_table(
        "non_working_days",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on AND ends_on < starts_on + 62", name=op.f("ck_non_working_days_span")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 120", name=op.f("ck_non_working_days_name")),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 300", name=op.f("ck_non_working_days_source")),
        sa.PrimaryKeyConstraint("starts_on", name=op.f("pk_non_working_days")),
    )
    op.create_table(
        "refusal",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_to", sa.Uuid(), nullable=True),
        sa.Column("document", postgresql.JSONB(), nullable=True),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(notified_at IS NULL) = (notified_to IS NULL)", name=op.f("ck_refusal_notified_to_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "request_id"],
            ["request.person_id", "request.id"],
            name=op.f("fk_refusal_person_id_request_id_request"),
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_refusal")),
    )
    op.create_index(op.f("ix_refusal_person_id_request_id"), "refusal", ["person_id", "request_id"])
    op.execute(_REFUSED)
    op.add_column("certificate", sa.Column("decision_id", sa.Uuid(), nullable=True))
    op.execute(_CERTIFIED)
    op.alter_column("certificate", "decision_id", nullable=False)
    op.drop_constraint(op.f(_ONE), "certificate", type_="unique")
    op.create_unique_constraint(
        op.f(f"{_ONE}_decision_id"), "certificate", ["person_id", "request_id", "language", "decision_id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f(f"{_ONE}_decision_id"), "certificate", type_="unique")
    # Of the certificates of one request the latest decision's stays.
    op.execute(
        "DELETE FROM certificate c USING certificate o WHERE (o.person_id, o.request_id, o.language)"
        " = (c.person_id, c.request_id, c.language) AND (o.decided_at, o.id) > (c.decided_at, c.id)"
    )
    op.create_unique_constraint(op.f(_ONE), "certificate", ["person_id", "request_id", "language"])
    op.drop_column("certificate", "decision_id")
    op.drop_table("refusal")
    op.drop_table("non_working_days")
