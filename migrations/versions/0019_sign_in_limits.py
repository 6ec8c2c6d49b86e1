"""Failures counted instead of requests; the end of a token's family; the life cycle of staff accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0019_sign_in_limits"
down_revision = "0018_event_positions"

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_table("rate_counter")
    op.create_table(
        "failure_counter",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("counted_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", name="pk_failure_counter"),
    )
    op.create_index("ix_failure_counter_expires_at", "failure_counter", ["expires_at"])
    op.add_column("refresh_token", sa.Column("family_ends_at", AWARE))
    op.execute("UPDATE refresh_token SET family_ends_at = expires_at")
    op.alter_column("refresh_token", "family_ends_at", nullable=False)
    op.create_index("ix_refresh_token_staff_id", "refresh_token", ["staff_id"])
    op.add_column("staff", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("staff", sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.alter_column("staff", "password_hash", nullable=True)
    op.alter_column("staff", "totp_sealed", nullable=True)
    op.create_table(
        "staff_setup_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sets_password", sa.Boolean(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("used_at", AWARE),
        sa.PrimaryKeyConstraint("digest", name="pk_staff_setup_link"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_setup_link_staff_id_staff"),
    )
    op.create_index("ix_staff_setup_link_staff_id", "staff_setup_link", ["staff_id"])


def downgrade() -> None:
    op.drop_table("staff_setup_link")
    # Who hasn't set a password or an authenticator up yet can't sign in: the older program needs both to be there.
    op.execute("UPDATE staff SET password_hash = '' WHERE password_hash IS NULL")
    op.execute("UPDATE staff SET totp_sealed = '' WHERE totp_sealed IS NULL")
    op.alter_column("staff", "totp_sealed", nullable=False)
    op.alter_column("staff", "password_hash", nullable=False)
    op.drop_column("staff", "is_demo")
    op.drop_column("staff", "version")
    op.drop_index("ix_refresh_token_staff_id", "refresh_token")
    op.drop_column("refresh_token", "family_ends_at")
    op.drop_table("failure_counter")
    op.create_table(
        "rate_counter",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("window_start", AWARE, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", "window_start", name="pk_rate_counter"),
    )
