"""What people's data said before a correction."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_person_correction"
down_revision = "0032_appeals"


def upgrade() -> None:
    op.create_table(
        "person_correction",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(fields) > 0", name=op.f("ck_person_correction_fields")),
        sa.CheckConstraint("undone_at >= corrected_at", name=op.f("ck_person_correction_undone_after")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_correction_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_correction")),
    )
    op.create_index(
        "uq_person_correction_standing",
        "person_correction",
        ["person_id", "request_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("person_correction")
