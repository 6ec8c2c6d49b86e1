"""People, what they are entitled to and through whom, where they are attended, and who saw their data."""

import sqlalchemy as sa
from alembic import op

revision = "0005_registry"
down_revision = "0004_law"

AWARE = sa.DateTime(timezone=True)
CODE = sa.Text(collation="C")

# A holder has one spouse or partner at a time. By ranges alone: equality in such a constraint needs an extension, and
# not every server has it. Deferrable, since one file may end a registration and begin another.
ONE_COUPLE = """
    ALTER TABLE dependant ADD CONSTRAINT ex_dependant_one_couple EXCLUDE USING gist (
        (int8range(hashtextextended(holder_id::text, 0), hashtextextended(holder_id::text, 0), '[]')) WITH &&,
        (daterange(starts_on, ends_on, '[]')) WITH &&
    ) WHERE (kinship IN ('spouse', 'civil-union', 'partner')) DEFERRABLE INITIALLY IMMEDIATE
"""


def upgrade() -> None:
    _people()
    _rights()
    _voluntary_insurance()
    _assignment()
    _access_log()


def _people() -> None:
    """Create people, one of the registry and one declared for each CURP, and the corrections of their data."""
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("curp", CODE, nullable=False),
        sa.Column("nss", CODE),
        sa.Column("given_names", sa.Text(), nullable=False),
        sa.Column("first_surname", sa.Text(), nullable=False),
        sa.Column("second_surname", sa.Text()),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("room", sa.Integer()),
        sa.Column("shift", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("postal_code", sa.Text()),
        sa.Column("language", sa.Text(), server_default=sa.text("'es'"), nullable=False),
        sa.Column("declared_at", AWARE),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("nss", name="uq_person_nss"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_person_unit_id_unit"),
        sa.CheckConstraint("char_length(curp) = 18", name=op.f("ck_person_curp_length")),
        sa.CheckConstraint("char_length(nss) = 11", name=op.f("ck_person_nss_length")),
        sa.CheckConstraint("sex IN ('H', 'M', 'X')", name=op.f("ck_person_sex")),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_person_shift")),
        sa.CheckConstraint("room IS NULL OR unit_id IS NOT NULL", name=op.f("ck_person_room_needs_unit")),
        sa.CheckConstraint("language IN ('es', 'en')", name=op.f("ck_person_language")),
        sa.CheckConstraint(
            "declared_at IS NULL OR num_nonnulls(nss, unit_id, email, phone) = 0",
            name=op.f("ck_person_declared_has_nothing"),
        ),
    )
    op.create_index("uq_person_curp", "person", ["curp"], unique=True, postgresql_where=sa.text("declared_at IS NULL"))
    op.create_index(
        "uq_person_declared_curp", "person", ["curp"], unique=True, postgresql_where=sa.text("declared_at IS NOT NULL")
    )
    op.create_table(
        "former_curp",
        sa.Column("curp", CODE, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("curp", name="pk_former_curp"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_former_curp_person_id_person"),
    )
    op.create_index("ix_former_curp_person_id", "former_curp", ["person_id"])
    op.create_table(
        "person_correction",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("corrected_at", AWARE, nullable=False),
        sa.Column("undone_at", AWARE),
        sa.PrimaryKeyConstraint("person_id", "id", name="pk_person_correction"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_correction_person_id_person"),
        sa.CheckConstraint("cardinality(fields) > 0", name=op.f("ck_person_correction_fields")),
        sa.CheckConstraint("undone_at >= corrected_at", name=op.f("ck_person_correction_undone_after")),
    )
    op.create_index(
        "uq_person_correction_standing",
        "person_correction",
        ["person_id", "request_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def _rights() -> None:
    """Create periods of work, kinship, pensions, withdrawals and sick leave."""
    op.create_table(
        "affiliation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("daily_wage", sa.Numeric(10, 2)),
        sa.Column("scheme", sa.Text(), server_default=sa.text("'work'"), nullable=False),
        sa.Column("is_casual", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "starts_on", "employer", name="pk_affiliation"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_affiliation_person_id_person"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_affiliation_dates_in_order")),
        sa.CheckConstraint("daily_wage >= 0", name=op.f("ck_affiliation_wage")),
        sa.CheckConstraint("scheme IN ('work', 'modality-40')", name=op.f("ck_affiliation_scheme")),
    )
    op.create_table(
        "dependant",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kinship", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("is_protected", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("situation", sa.Text()),
        sa.Column("studies_until", sa.Date()),
        sa.PrimaryKeyConstraint("holder_id", "person_id", name="pk_dependant"),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name="fk_dependant_holder_id_person"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_dependant_person_id_person"),
        sa.CheckConstraint("holder_id <> person_id", name=op.f("ck_dependant_not_oneself")),
        sa.CheckConstraint(
            "kinship IN ('spouse', 'civil-union', 'partner', 'child', 'ward', 'parent')",
            name=op.f("ck_dependant_kinship"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_dependant_dates_in_order")),
        sa.CheckConstraint("situation IN ('studies', 'disability')", name=op.f("ck_dependant_situation")),
        sa.CheckConstraint(
            "situation IS NULL OR kinship IN ('child', 'ward')", name=op.f("ck_dependant_situation_of_child")
        ),
        sa.CheckConstraint("studies_until IS NULL OR situation = 'studies'", name=op.f("ck_dependant_studies")),
    )
    op.execute(ONE_COUPLE)
    op.create_index("ix_dependant_person_id", "dependant", ["person_id"])
    op.create_table(
        "pension",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.PrimaryKeyConstraint("person_id", "kind", "starts_on", name="pk_pension"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_pension_person_id_person"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pension_dates_in_order")),
        sa.CheckConstraint(
            "kind IN ('old-age', 'advanced-age', 'invalidity', 'work-risk', 'widowhood', 'orphanhood', 'ascendants')",
            name=op.f("ck_pension_kind"),
        ),
    )
    op.create_table(
        "withdrawal",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "on_date", name="pk_withdrawal"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_withdrawal_person_id_person"),
        sa.CheckConstraint("weeks >= 0", name=op.f("ck_withdrawal_weeks")),
    )
    op.create_table(
        "sick_leave",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("daily_wage", sa.Numeric(10, 2), nullable=False),
        sa.Column("relation", sa.Text()),
        sa.Column("has_opinion", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "folio", name="pk_sick_leave"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_sick_leave_person_id_person"),
        sa.CheckConstraint("kind IN ('illness', 'work-risk', 'maternity')", name=op.f("ck_sick_leave_kind")),
        sa.CheckConstraint("days BETWEEN 1 AND 364", name=op.f("ck_sick_leave_days")),
        sa.CheckConstraint("daily_wage >= 0", name=op.f("ck_sick_leave_wage")),
        sa.CheckConstraint("relation IN ('initial', 'subsequent', 'relapse')", name=op.f("ck_sick_leave_relation")),
    )


def _voluntary_insurance() -> None:
    """Create the insurances that people chose and pay for themselves, and their payments."""
    op.create_table(
        "voluntary_enrolment",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("daily_wage", sa.Numeric(10, 2)),
        sa.Column("fee", sa.Numeric(12, 2), nullable=False),
        sa.Column("payment_line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "scheme", "starts_on", name="pk_voluntary_enrolment"),
        sa.UniqueConstraint("payment_line", name="uq_voluntary_enrolment_payment_line"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_voluntary_enrolment_person_id_person"),
        sa.CheckConstraint("scheme IN ('modality-40', 'family-health')", name=op.f("ck_voluntary_enrolment_scheme")),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_voluntary_enrolment_fee")),
    )
    op.create_table(
        "voluntary_payment",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "scheme", "starts_on", "month", name="pk_voluntary_payment"),
        sa.ForeignKeyConstraint(
            ["person_id", "scheme", "starts_on"],
            ["voluntary_enrolment.person_id", "voluntary_enrolment.scheme", "voluntary_enrolment.starts_on"],
            name="fk_voluntary_payment_enrolment",
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_voluntary_payment_first_of_month")),
    )


def _assignment() -> None:
    """Create which units serve a postal code, and how many people each room attends."""
    op.create_table(
        "panel",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "shift", "room", name="pk_panel"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_panel_unit_id_unit"),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_panel_shift")),
        sa.CheckConstraint("assigned BETWEEN 0 AND capacity", name=op.f("ck_panel_assigned")),
    )
    op.create_table(
        "coverage",
        sa.Column("postal_code", CODE, nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("postal_code", "unit_id", name="pk_coverage"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_coverage_unit_id_unit"),
    )


def _access_log() -> None:
    """Create who saw whose data; without foreign keys, so that a row outlives the reader's account."""
    op.create_table(
        "personal_data_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reader_kind", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("hour", AWARE, nullable=False),
        sa.Column("seen_at", AWARE, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("contexts", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_personal_data_view"),
        sa.UniqueConstraint("person_id", "hour", "reader_id", name="uq_personal_data_view_person_id_hour_reader_id"),
        sa.CheckConstraint("reader_kind IN ('staff', 'citizen')", name=op.f("ck_personal_data_view_reader_kind")),
        sa.CheckConstraint(
            "(reader_kind = 'citizen') = (role = 'representative')", name=op.f("ck_personal_data_view_role")
        ),
        sa.CheckConstraint("person_id <> reader_id", name=op.f("ck_personal_data_view_another")),
        sa.CheckConstraint("cardinality(contexts) > 0", name=op.f("ck_personal_data_view_contexts")),
        sa.CheckConstraint(
            "mod(CAST(extract(epoch FROM hour) AS bigint), 3600) = 0", name=op.f("ck_personal_data_view_whole_hour")
        ),
    )
    op.create_index("ix_personal_data_view_reader_id_id", "personal_data_view", ["reader_id", "id"])


def downgrade() -> None:
    for table in (
        "personal_data_view",
        "coverage",
        "panel",
        "voluntary_payment",
        "voluntary_enrolment",
        "sick_leave",
        "withdrawal",
        "pension",
        "dependant",
        "affiliation",
        "person_correction",
        "former_curp",
        "person",
    ):
        op.drop_table(table)
