"""Find the sessions of a member of staff, to end them."""

import sqlalchemy as sa
from alembic import op

revision = "0021_staff_accounts"
down_revision = "0020_workers"


def upgrade() -> None:
    op.create_index(
        "ix_web_session_staff_id", "web_session", ["staff_id"], postgresql_where=sa.text("staff_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_web_session_staff_id", "web_session")
