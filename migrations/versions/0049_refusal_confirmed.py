"""When an internal review confirmed a refusal, and the document that says so."""

import sqlalchemy as sa
from alembic import op

revision = "0049_refusal_confirmed"
down_revision = "0048_schedule_overlap"

# Reviews that confirmed a refusal before: the request is refused, and its decision is the one that was appealed.
_CONFIRMED = """
    UPDATE refusal f SET confirmed_at = r.decided_at, confirmation_id = gen_random_uuid()
    FROM request r JOIN appeal a ON (a.person_id, a.request_id) = (r.person_id, r.id)
    WHERE r.decision_id = f.decision_id AND a.decision_id = f.decision_id AND r.outcome = 'refused'
        AND r.decided_at > a.created_at
"""


def upgrade() -> None:
    op.add_column("refusal", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refusal", sa.Column("confirmation_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_refusal_confirmation_id"), "refusal", ["confirmation_id"])
    op.create_check_constraint(
        op.f("ck_refusal_confirmed"), "refusal", "(confirmed_at IS NULL) = (confirmation_id IS NULL)"
    )
    op.execute(_CONFIRMED)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_refusal_confirmed"), "refusal", type_="check")
    op.drop_constraint(op.f("uq_refusal_confirmation_id"), "refusal", type_="unique")
    op.drop_column("refusal", "confirmation_id")
    op.drop_column("refusal", "confirmed_at")
