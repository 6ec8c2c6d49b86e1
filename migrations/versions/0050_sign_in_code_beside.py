"""A sign-in code has no second contact: nothing writes the column since accounts that a person declares are entered by
their own contact. The release before this one (0040) had no such column, so its processes don't name it."""

import sqlalchemy as sa
from alembic import op

revision = "0050_sign_in_code_beside"
down_revision = "0049_refusal_confirmed"


def upgrade() -> None:
    op.drop_index("ix_sign_in_code_beside", "sign_in_code")
    op.drop_column("sign_in_code", "beside")


def downgrade() -> None:
    op.add_column("sign_in_code", sa.Column("beside", sa.Uuid()))
    op.create_index(
        "ix_sign_in_code_beside", "sign_in_code", ["beside"], postgresql_where=sa.text("beside IS NOT NULL")
    )
