"""People, affiliation periods and dependants."""

import sqlalchemy as sa
from alembic import op

revision = "0003_registry"
down_revision = "0002_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    code = sa.Text(collation="C")
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("curp", code, nullable=False),
        sa.Column("nss", code, nullable=True),
        sa.Column("given_names", sa.Text(), nullable=False),
        sa.Column("first_surname", sa.Text(), nullable=False),
        sa.Column("second_surname", sa.Text(), nullable=True),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("room", sa.Integer(), nullable=True),
        sa.Column("shift", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default=sa.text("'es'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("curp", name=op.f("uq_person_curp")),
        sa.UniqueConstraint("nss", name=op.f("uq_person_nss")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id_unit")),
        sa.CheckConstraint("char_length(curp) = 18", name=op.f("ck_person_curp_length")),
        sa.CheckConstraint("char_length(nss) = 11", name=op.f("ck_person_nss_length")),
        sa.CheckConstraint("sex IN ('H', 'M', 'X')", name=op.f("ck_person_sex")),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_person_shift")),
        sa.CheckConstraint("room IS NULL OR unit_id IS NOT NULL", name=op.f("ck_person_room_needs_unit")),
        sa.CheckConstraint("language IN ('es', 'en')", name=op.f("ck_person_language")),
    )
    op.create_table(
        "affiliation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("daily_wage", sa.Numeric(10, 2), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "starts_on", "employer", name=op.f("pk_affiliation")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_affiliation_person_id_person")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_affiliation_dates_in_order")),
        sa.CheckConstraint("daily_wage >= 0", name=op.f("ck_affiliation_wage")),
    )
    op.create_table(
        "dependant",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kinship", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("holder_id", "person_id", name=op.f("pk_dependant")),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_dependant_holder_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dependant_person_id_person")),
        sa.CheckConstraint("holder_id <> person_id", name=op.f("ck_dependant_not_oneself")),
        sa.CheckConstraint("kinship IN ('spouse', 'partner', 'child', 'parent')", name=op.f("ck_dependant_kinship")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_dependant_dates_in_order")),
    )
    op.create_index(op.f("ix_dependant_person_id"), "dependant", ["person_id"])


def downgrade() -> None:
    for table in ("dependant", "affiliation", "person"):
        op.drop_table(table)
