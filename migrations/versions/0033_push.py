"""Push notices: the portal's key pairs, the browsers that are notified, and messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0033_push"
down_revision = "0032_known_due_on"

AWARE = sa.DateTime(timezone=True)
CHANNEL = "ck_message_channel"


def upgrade() -> None:
    op.drop_constraint(op.f(CHANNEL), "message")
    op.create_check_constraint(op.f(CHANNEL), "message", "channel IN ('email', 'sms', 'push')")
    op.create_table(
        "push_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("is_current", sa.Boolean()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("retired_at", AWARE),
        sa.CheckConstraint("is_current", name=op.f("ck_push_key_is_current")),
        sa.CheckConstraint("(is_current IS NULL) = (retired_at IS NOT NULL)", name=op.f("ck_push_key_retired_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_key")),
        sa.UniqueConstraint("is_current", name=op.f("uq_push_key_is_current")),
        sa.UniqueConstraint("public_key", name=op.f("uq_push_key_public_key")),
    )
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_digest", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary()),
        sa.Column("family_id", sa.Uuid()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("renewed_at", AWARE, nullable=False),
        sa.Column("delivered_at", AWARE),
        sa.CheckConstraint("assurance IN ('low', 'full')", name=op.f("ck_push_subscription_assurance")),
        sa.CheckConstraint(
            "(browser_digest IS NULL) <> (family_id IS NULL)", name=op.f("ck_push_subscription_made_with")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["push_key.id"], name=op.f("fk_push_subscription_key_id_push_key")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["account.person_id"],
            name=op.f("fk_push_subscription_person_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint_digest", name=op.f("uq_push_subscription_endpoint_digest")),
    )
    for column in ("person_id", "browser_digest", "key_id"):
        op.create_index(op.f(f"ix_push_subscription_{column}"), "push_subscription", [column])


def downgrade() -> None:
    op.drop_table("push_subscription")
    op.drop_table("push_key")
    op.execute("DELETE FROM message WHERE channel = 'push'")
    op.drop_constraint(op.f(CHANNEL), "message")
    op.create_check_constraint(op.f(CHANNEL), "message", "channel IN ('email', 'sms')")
