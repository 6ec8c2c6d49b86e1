"""An incapacity is a chain of certificates (LSS art. 96), casual workers have weeks of their own (art. 97), and only
what a pension fund paid is a withdrawal (art. 191): rows that stand for a certificate alone are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0045_sick_leave_chain"
down_revision = "0044_law_figure"


def upgrade() -> None:
    op.add_column("sick_leave", sa.Column("relation", sa.Text(), nullable=True))
    op.add_column("sick_leave", sa.Column("has_opinion", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_check_constraint(
        op.f("ck_sick_leave_relation"), "sick_leave", "relation IN ('initial', 'subsequent', 'relapse')"
    )
    op.add_column("affiliation", sa.Column("is_casual", sa.Boolean(), server_default=sa.false(), nullable=False))
    # The portal wrote them with each certificate; a fund's report has weeks.
    op.execute("DELETE FROM withdrawal WHERE weeks = 0")


def downgrade() -> None:
    op.drop_column("affiliation", "is_casual")
    op.drop_constraint(op.f("ck_sick_leave_relation"), "sick_leave")
    op.drop_column("sick_leave", "has_opinion")
    op.drop_column("sick_leave", "relation")
