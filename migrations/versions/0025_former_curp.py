"""CURPs that people had before they were corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0025_former_curp"
down_revision = "0024_closures"


def upgrade() -> None:
    op.create_table(
        "former_curp",
        sa.Column("curp", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_former_curp_person_id_person")),
        sa.PrimaryKeyConstraint("curp", name=op.f("pk_former_curp")),
    )
    op.create_index("ix_former_curp_person_id", "former_curp", ["person_id"])


def downgrade() -> None:
    op.drop_table("former_curp")
