"""What a person says of their own transactions, and who wants a message about their yearly statement."""

import sqlalchemy as sa
from alembic import op

revision = "0027_statement"
down_revision = "0026_reminder_links"

AWARE = sa.DateTime(timezone=True)
CORRECTION = "correction IN ('would-have-visited', 'would-not-have-visited', 'visited-anyway')"


def upgrade() -> None:
    op.add_column("service_transaction", sa.Column("correction_event", sa.Uuid()))
    op.add_column("service_transaction", sa.Column("correction", sa.Text()))
    op.create_check_constraint(op.f("ck_service_transaction_correction"), "service_transaction", CORRECTION)
    op.create_table(
        "own_correction",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("correction", sa.Text()),
        sa.Column("changed_at", AWARE, nullable=False),
        sa.CheckConstraint(CORRECTION, name=op.f("ck_own_correction_correction")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_own_correction_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "service", "id", name=op.f("pk_own_correction")),
    )
    op.create_table(
        "statement_subscription",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", AWARE, nullable=False),
        sa.Column("notified_year", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_statement_subscription_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_statement_subscription")),
    )
    op.create_index("ix_statement_subscription_notified_year", "statement_subscription", ["notified_year"])


def downgrade() -> None:
    op.drop_table("statement_subscription")
    op.drop_table("own_correction")
    op.drop_constraint(op.f("ck_service_transaction_correction"), "service_transaction")
    op.drop_column("service_transaction", "correction")
    op.drop_column("service_transaction", "correction_event")
