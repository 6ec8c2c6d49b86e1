"""Steps of a ticket, from which its row follows in any order of arrival; and sums of stays, of people left unserved,
and of tickets whose times contradict each other.

Rows of before have no steps: `ventanilla savings rebuild` makes them again from the log, and adds the new sums up.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.savings.export.views import add_measure, drop_measure

revision = "0016_ticket_states"
down_revision = "0015_devices"

MEASURES = ("unserved", "stayed", "stay_seconds", "stay_seconds_sq", "clock_wrong")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("steps", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("ticket", sa.Column("served_seconds", sa.Integer()))
    for name in MEASURES:
        add_measure(op.get_bind(), "saving_ticket_cell", name)


def downgrade() -> None:
    for name in reversed(MEASURES):
        drop_measure(op.get_bind(), "saving_ticket_cell", name)
    op.drop_column("ticket", "served_seconds")
    op.drop_column("ticket", "steps")
