"""Payments of voluntary insurances, and periods that are no work: LSS arts. 218 to 220 and 240 to 245."""

import sqlalchemy as sa
from alembic import op

revision = "0040_voluntary_payment"
down_revision = "0039_pension"


def upgrade() -> None:
    op.add_column("affiliation", sa.Column("scheme", sa.Text(), server_default=sa.text("'work'"), nullable=False))
    op.create_check_constraint(op.f("ck_affiliation_scheme"), "affiliation", "scheme IN ('work', 'modality-40')")
    op.create_unique_constraint(op.f("uq_voluntary_enrolment_payment_line"), "voluntary_enrolment", ["payment_line"])
    op.create_table(
        "voluntary_payment",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_voluntary_payment_first_of_month")),
        sa.ForeignKeyConstraint(
            ["person_id", "scheme", "starts_on"],
            ["voluntary_enrolment.person_id", "voluntary_enrolment.scheme", "voluntary_enrolment.starts_on"],
            name=op.f("fk_voluntary_payment_enrolment"),
        ),
        sa.PrimaryKeyConstraint("person_id", "scheme", "starts_on", "month", name=op.f("pk_voluntary_payment")),
    )


def downgrade() -> None:
    op.drop_table("voluntary_payment")
    op.drop_constraint(op.f("uq_voluntary_enrolment_payment_line"), "voluntary_enrolment")
    op.drop_constraint(op.f("ck_affiliation_scheme"), "affiliation")
    op.drop_column("affiliation", "scheme")
