"""What visits take: the kind of device on every event, and the active seconds of a browser's visit."""

import sqlalchemy as sa
from alembic import op

revision = "0011_observation"
down_revision = "0010_certificates"


def upgrade() -> None:
    op.add_column("event", sa.Column("device", sa.Text(), nullable=True))
    op.add_column(
        "web_session",
        sa.Column("active_seconds", sa.Double(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("web_session", sa.Column("step_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("web_session", sa.Column("device", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("web_session", "device")
    op.drop_column("web_session", "step_at")
    op.drop_column("web_session", "active_seconds")
    op.drop_column("event", "device")
