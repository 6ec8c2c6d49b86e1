"""What the measurement assumes: versions of the baseline, their figures, published reports; and readings of access."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_baseline"
down_revision = "0012_savings"


def upgrade() -> None:
    op.create_table(
        "baseline",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_baseline")),
    )
    op.create_index(
        "uq_baseline_draft",
        "baseline",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "parameter",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("distribution", sa.Text(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_year", sa.SmallInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "confidence IN ('measured', 'official', 'study', 'press', 'assumption')",
            name=op.f("ck_parameter_confidence"),
        ),
        sa.CheckConstraint("distribution <> 'beta' OR (value > 0 AND high > 0)", name=op.f("ck_parameter_beta")),
        sa.CheckConstraint("distribution <> 'normal' OR high >= 0", name=op.f("ck_parameter_normal")),
        sa.CheckConstraint(
            "distribution <> 'pert' OR (low <= value AND value <= high AND low < high)", name=op.f("ck_parameter_pert")
        ),
        sa.CheckConstraint(
            "distribution IN ('pert', 'beta', 'normal', 'fixed')", name=op.f("ck_parameter_distribution")
        ),
        sa.CheckConstraint("unit <> 'MXN' OR price_year IS NOT NULL", name=op.f("ck_parameter_money_has_a_year")),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 1000", name=op.f("ck_parameter_source")),
        sa.ForeignKeyConstraint(["version"], ["baseline.version"], name=op.f("fk_parameter_version_baseline")),
        sa.PrimaryKeyConstraint("version", "key", "scope", "place", name=op.f("pk_parameter")),
    )
    op.create_table(
        "saving_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_saving_report_dates_in_order")),
        sa.ForeignKeyConstraint(["version"], ["baseline.version"], name=op.f("fk_saving_report_version_baseline")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving_report")),
    )
    op.create_table(
        "saving_access_reading",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("unit_id", "service", "on_date", name=op.f("pk_saving_access_reading")),
    )


def downgrade() -> None:
    for table in ("saving_access_reading", "saving_report", "parameter", "baseline"):
        op.drop_table(table)
