"""Figures of law with the days on which each is in force: amounts, rates, ages and terms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004_law"
down_revision = "0003_places"

AWARE = sa.DateTime(timezone=True)

# One figure of a name a day. By ranges alone: equality in such a constraint needs an extension, and not every server
# has it.
ONE_A_DAY = """
    ALTER TABLE law_figure ADD CONSTRAINT ex_law_figure_one_a_day EXCLUDE USING gist (
        (int8range(hashtextextended(name, 0), hashtextextended(name, 0), '[]')) WITH &&,
        (daterange(valid_from, valid_to, '[]')) WITH &&
    )
"""


def upgrade() -> None:
    op.create_table(
        "law_figure",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("amount", sa.Numeric(14, 4)),
        sa.Column("amounts", JSONB()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("changed_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("name", "valid_from", name="pk_law_figure"),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_law_figure_dates_in_order")),
        sa.CheckConstraint("(amount IS NULL) <> (amounts IS NULL)", name=op.f("ck_law_figure_number_or_table")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_law_figure_amount")),
        sa.CheckConstraint("certainty IN ('confirmed', 'doubtful')", name=op.f("ck_law_figure_certainty")),
        sa.CheckConstraint("origin IN ('catalog', 'agency')", name=op.f("ck_law_figure_origin")),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 400", name=op.f("ck_law_figure_source")),
        sa.CheckConstraint(
            "valid_from BETWEEN DATE '1943-01-01' AND DATE '2100-12-31'", name=op.f("ck_law_figure_first_day")
        ),
        sa.CheckConstraint("amount <= 10000000", name=op.f("ck_law_figure_most")),
        sa.CheckConstraint("char_length(btrim(source)) >= 3", name=op.f("ck_law_figure_legible_source")),
    )
    op.execute(ONE_A_DAY)


def downgrade() -> None:
    op.drop_table("law_figure")
