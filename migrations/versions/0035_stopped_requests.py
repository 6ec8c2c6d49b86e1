"""Since when a request waits for its citizen, for the lists of those that do."""

import sqlalchemy as sa
from alembic import op

revision = "0035_stopped_requests"
down_revision = "0034_session_of_person"

_SINCE = """
    UPDATE request r SET stopped_at = coalesce(
        (SELECT max(e.at) FROM event e WHERE e.subject_id = r.id
            AND e.type IN ('request.more-asked', 'request.visit-invited')), r.changed_at)
    WHERE kind IN ('waiting', 'visit')
"""


def upgrade() -> None:
    op.add_column("request", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_SINCE)
    op.create_check_constraint(
        op.f("ck_request_stopped_since"), "request", "(kind IN ('waiting', 'visit')) = (stopped_at IS NOT NULL)"
    )
    op.create_index(
        "ix_request_stopped",
        "request",
        ["kind", "stopped_at", "id"],
        postgresql_include=["unit_id"],
        postgresql_where=sa.text("stopped_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_request_stopped", "request")
    op.drop_constraint(op.f("ck_request_stopped_since"), "request", type_="check")
    op.drop_column("request", "stopped_at")
