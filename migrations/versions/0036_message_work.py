"""A citizen's message is work for staff while the request itself isn't."""

import sqlalchemy as sa
from alembic import op

revision = "0036_message_work"
down_revision = "0035_stopped_requests"


def upgrade() -> None:
    op.add_column("work_item", sa.Column("kind", sa.Text(), server_default=sa.text("'decision'"), nullable=False))
    op.create_check_constraint(op.f("ck_work_item_kind"), "work_item", "kind IN ('decision', 'message')")


def downgrade() -> None:
    op.execute("DELETE FROM work_item WHERE kind = 'message'")
    op.drop_constraint(op.f("ck_work_item_kind"), "work_item", type_="check")
    op.drop_column("work_item", "kind")
