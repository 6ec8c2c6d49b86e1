"""Name the installation, so that a store of files knows whose it is.

Each database that is migrated names itself; a copy keeps the name, and is told apart by its server.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027_installation"
down_revision = "0026_saving_release"


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("is_only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("is_only", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("pk_installation")),
    )
    op.execute("INSERT INTO installation DEFAULT VALUES")


def downgrade() -> None:
    op.drop_table("installation")
