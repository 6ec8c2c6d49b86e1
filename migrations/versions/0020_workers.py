"""Workers: the database's time as they saw it, when a message began to be sent, and jobs by queue."""

import sqlalchemy as sa
from alembic import op

revision = "0020_workers"
down_revision = "0019_sign_in_limits"


def upgrade() -> None:
    op.create_table(
        "clock_note",
        sa.Column("id", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steady_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id", name=op.f("ck_clock_note_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_note")),
    )
    op.add_column("message", sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_message_pending", "message", ["kind", "created_at"], postgresql_where=sa.text("status = 'pending'")
    )
    # A lane with nothing to do must find that out without reading another lane's backlog.
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_lane ON procrastinate_jobs (queue_name, priority DESC, id)"
        " WHERE status = 'todo'"
    )
    op.execute("CREATE INDEX ix_procrastinate_jobs_failed ON procrastinate_jobs (id) WHERE status = 'failed'")


def downgrade() -> None:
    op.execute("DROP INDEX ix_procrastinate_jobs_failed, ix_procrastinate_jobs_lane")
    op.drop_index("ix_message_pending", table_name="message")
    op.drop_column("message", "sending_at")
    op.drop_table("clock_note")
