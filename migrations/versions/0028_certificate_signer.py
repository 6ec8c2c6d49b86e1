"""Which key signed each document and what it says; documents found by their digest; those held for their letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_certificate_signer"
down_revision = "0027_installation"


def upgrade() -> None:
    op.add_column("certificate", sa.Column("signer", sa.LargeBinary(), nullable=False))
    op.add_column("certificate", sa.Column("certified", postgresql.JSONB(), nullable=False))
    op.create_index("ix_certificate_sha256", "certificate", ["sha256"], postgresql_using="hash")
    op.create_index("ix_certificate_signer", "certificate", ["signer"], postgresql_using="hash")
    op.create_table(
        "certificate_hold",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("request_folio", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("letters", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_hold_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "request_id", name=op.f("pk_certificate_hold")),
    )
    op.create_index("ix_certificate_hold_unit_id_held_at", "certificate_hold", ["unit_id", "held_at"])


def downgrade() -> None:
    op.drop_table("certificate_hold")
    op.drop_index("ix_certificate_signer", "certificate", postgresql_using="hash")
    op.drop_index("ix_certificate_sha256", "certificate", postgresql_using="hash")
    op.drop_column("certificate", "certified")
    op.drop_column("certificate", "signer")
