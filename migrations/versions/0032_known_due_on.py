"""Until when a request is decided, as its person knows it. Of those that are stopped now it isn't known."""

import sqlalchemy as sa
from alembic import op

revision = "0032_known_due_on"
down_revision = "0031_clients"


def upgrade() -> None:
    op.add_column("request", sa.Column("known_due_on", sa.Date()))
    op.execute("UPDATE request SET known_due_on = due_on WHERE due_on IS NOT NULL")


def downgrade() -> None:
    op.drop_column("request", "known_due_on")
