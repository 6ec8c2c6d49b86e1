"""Parked events may be tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0007_parked_work"
down_revision = "0006_notifications"


def upgrade() -> None:
    op.add_column("parked_event", sa.Column("try_again", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("parked_event", "try_again")
