"""One appeal a decision, and who took part in a refusal, so that others decide its appeal.

What was decided before is read from the event log, which has who decided what.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032_appeals"
down_revision = "0031_access_log"

_TOOK_PART = """
    UPDATE request r SET refused_by = e.who FROM (
        SELECT subject_id, array_agg(DISTINCT actor_id) AS who FROM event
        WHERE actor_kind = 'staff' AND actor_id IS NOT NULL AND (type = 'request.refusal-proposed'
            OR (type = 'request.decided' AND payload ->> 'outcome' = 'refused'))
        GROUP BY subject_id
    ) e WHERE e.subject_id = r.id
"""
_APPEALED = "SELECT subject_id, max(at) AS at FROM event WHERE type = 'request.appealed' GROUP BY subject_id"
_DECISIONS = f"""
    UPDATE request r SET decision_id = gen_random_uuid()
    WHERE outcome IN ('approved', 'refused') OR (kind <> 'draft' AND EXISTS (
        SELECT FROM ({_APPEALED}) a WHERE a.subject_id = r.id))
"""
_APPEALS = f"""
    INSERT INTO appeal (decision_id, person_id, request_id, applicant_id, created_at)
    SELECT r.decision_id, r.person_id, r.id, r.applicant_id, a.at
    FROM request r JOIN ({_APPEALED}) a ON a.subject_id = r.id
    WHERE r.outcome IS DISTINCT FROM 'approved'
"""
_EXCLUDED = """
    UPDATE request r SET excluded_ids = r.refused_by FROM appeal a
    WHERE (a.person_id, a.request_id) = (r.person_id, r.id) AND r.kind <> 'final'
        AND r.proposed_by IS NULL
"""
_QUEUED = """
    UPDATE work_item w SET excluded_ids = r.excluded_ids,
        holder_id = CASE WHEN w.holder_id = ANY (r.excluded_ids) THEN NULL ELSE w.holder_id END,
        lease_until = CASE WHEN w.holder_id = ANY (r.excluded_ids) THEN NULL ELSE w.lease_until END
    FROM request r WHERE r.id = w.request_id AND cardinality(r.excluded_ids) > 0
"""


def upgrade() -> None:
    op.add_column("request", sa.Column("decision_id", sa.Uuid(), nullable=True))
    for table, name in (("request", "refused_by"), ("request", "excluded_ids"), ("work_item", "excluded_ids")):
        nobody = sa.text("'{}'")
        op.add_column(table, sa.Column(name, sa.ARRAY(sa.Uuid()), server_default=nobody, nullable=False))
    op.create_table(
        "appeal",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id", "request_id"],
            ["request.person_id", "request.id"],
            name=op.f("fk_appeal_person_id_request_id_request"),
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_appeal")),
    )
    op.create_index("ix_appeal_person_id_request_id", "appeal", ["person_id", "request_id"])
    for statement in (_TOOK_PART, _DECISIONS, _APPEALS, _EXCLUDED, _QUEUED):
        op.execute(statement)
    op.create_check_constraint(
        op.f("ck_request_appeal_decided_by_others"),
        "request",
        "(decided_by IS NULL OR decided_by <> ALL (excluded_ids))"
        " AND (proposed_by IS NULL OR proposed_by <> ALL (excluded_ids))",
    )
    op.create_check_constraint(
        op.f("ck_work_item_holder_not_excluded"), "work_item", "holder_id IS NULL OR holder_id <> ALL (excluded_ids)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_work_item_holder_not_excluded"), "work_item", type_="check")
    op.drop_constraint(op.f("ck_request_appeal_decided_by_others"), "request", type_="check")
    op.drop_table("appeal")
    op.drop_column("work_item", "excluded_ids")
    for name in ("excluded_ids", "refused_by", "decision_id"):
        op.drop_column("request", name)
