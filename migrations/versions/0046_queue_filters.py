"""The queue by what is to be decided, an appeal or not; a request found by the beginning of its folio."""

import sqlalchemy as sa
from alembic import op

revision = "0046_queue_filters"
down_revision = "0045_sick_leave_chain"

# A request that waits for staff is under appeal when the decision in force has one.
APPEALS = """
    UPDATE work_item w SET is_appeal = true FROM request r
    WHERE r.person_id = w.person_id AND r.id = w.request_id AND r.kind = 'review' AND w.kind = 'decision'
        AND EXISTS (SELECT FROM appeal a WHERE a.decision_id = r.decision_id)
"""


def upgrade() -> None:
    op.add_column("work_item", sa.Column("is_appeal", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(APPEALS)
    op.drop_index(op.f("ix_request_folio"), table_name="request")
    op.create_index(
        op.f("ix_request_folio"), "request", ["folio"], unique=False, postgresql_ops={"folio": "text_pattern_ops"}
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_request_folio"), table_name="request")
    op.create_index(op.f("ix_request_folio"), "request", ["folio"], unique=False)
    op.drop_column("work_item", "is_appeal")
