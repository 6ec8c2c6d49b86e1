"""Versions of services, mandates, and what services change in the registry."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_catalog"
down_revision = "0007_parked_work"


def upgrade() -> None:
    op.create_table(
        "mandate",
        sa.Column("grantor_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("services", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_mandate_dates_in_order")),
        sa.CheckConstraint("grantor_id <> agent_id", name=op.f("ck_mandate_not_oneself")),
        sa.PrimaryKeyConstraint("grantor_id", "id", name=op.f("pk_mandate")),
    )
    op.create_index(op.f("ix_mandate_agent_id"), "mandate", ["agent_id"], unique=False)
    op.create_table(
        "service_version",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_service_version_version")),
        sa.PrimaryKeyConstraint("service", "version", name=op.f("pk_service_version")),
    )
    op.create_table(
        "coverage",
        sa.Column("postal_code", sa.Text(collation="C"), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_coverage_unit_id_unit")),
        sa.PrimaryKeyConstraint("postal_code", "unit_id", name=op.f("pk_coverage")),
    )
    op.create_table(
        "panel",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_panel_shift")),
        sa.CheckConstraint("assigned BETWEEN 0 AND capacity", name=op.f("ck_panel_assigned")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_panel_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "shift", "room", name=op.f("pk_panel")),
    )
    op.create_table(
        "sick_leave",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("daily_wage", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.CheckConstraint("kind IN ('illness', 'work-risk', 'maternity')", name=op.f("ck_sick_leave_kind")),
        sa.CheckConstraint("daily_wage >= 0", name=op.f("ck_sick_leave_wage")),
        sa.CheckConstraint("days BETWEEN 1 AND 364", name=op.f("ck_sick_leave_days")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sick_leave_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "folio", name=op.f("pk_sick_leave")),
    )
    op.create_table(
        "voluntary_enrolment",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("daily_wage", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("fee", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("payment_line", sa.Text(), nullable=False),
        sa.CheckConstraint("scheme IN ('modality-40', 'family-health')", name=op.f("ck_voluntary_enrolment_scheme")),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_voluntary_enrolment_fee")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_voluntary_enrolment_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "scheme", "starts_on", name=op.f("pk_voluntary_enrolment")),
    )
    op.create_table(
        "withdrawal",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.CheckConstraint("weeks >= 0", name=op.f("ck_withdrawal_weeks")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_withdrawal_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "on_date", name=op.f("pk_withdrawal")),
    )
    op.add_column("dependant", sa.Column("is_protected", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("dependant", "is_protected")
    for table in ("coverage", "panel", "voluntary_enrolment", "sick_leave", "withdrawal", "mandate", "service_version"):
        op.drop_table(table)
