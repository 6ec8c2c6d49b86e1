"""Figures of law with the days on which each is in force: amounts, rates, ages and terms leave the program."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

revision = "0044_law_figure"
down_revision = "0043_declared"


def upgrade() -> None:
    op.create_table(
        "law_figure",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("amount", sa.Numeric(14, 4), nullable=True),
        sa.Column("amounts", JSONB(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_law_figure_dates_in_order")),
        sa.CheckConstraint("(amount IS NULL) <> (amounts IS NULL)", name=op.f("ck_law_figure_number_or_table")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_law_figure_amount")),
        sa.CheckConstraint("certainty IN ('confirmed', 'doubtful')", name=op.f("ck_law_figure_certainty")),
        sa.CheckConstraint("origin IN ('catalog', 'agency')", name=op.f("ck_law_figure_origin")),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 400", name=op.f("ck_law_figure_source")),
        # By ranges alone: equality of text in such a constraint needs an extension, and not every server has it.
        ExcludeConstraint(
            (sa.text("int8range(hashtextextended(name, 0), hashtextextended(name, 0), '[]')"), "&&"),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_law_figure_one_a_day",
        ),
        sa.PrimaryKeyConstraint("name", "valid_from", name=op.f("pk_law_figure")),
    )


def downgrade() -> None:
    op.drop_table("law_figure")
