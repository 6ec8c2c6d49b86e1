"""What is released to the public: blocks of a month, written once; the database refuses to change or delete them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0026_saving_release"
down_revision = "0025_former_curp"

KEYS = ("family", "dim", "period", "kind", "service", "region", "state", "unit", "value")
FINAL = """
    CREATE FUNCTION saving_release_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what was released to the public is final' USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
VIEW = """
    CREATE VIEW analytics.released AS
    SELECT b.period AS month, b.family, b.dim, b.kind, b.service, b.region, b.state, coalesce(u.clues, b.unit) AS clues,
        b.value, m.measure, m.amount
    FROM saving_released_block b CROSS JOIN LATERAL unnest(b.measures, b.amounts) AS m (measure, amount)
    LEFT JOIN unit u ON u.id::text = b.unit
"""
COMMENT = (
    "What is released to the public. Sums of the blocks that public answers are computed from. Each count is of nobody"
    " or of at least ten people. Blocks of one family and dimension add up; of two dimensions they are the same"
    " observations."
)
COMMENTS = {
    "month": "first day of the month",
    "family": "numbers that are read from the same observations, by the name of their first metric",
    "dim": "what services are parted by: place, unit, channel, device, age, sex, rurality or language",
    "kind": "kind of errand; * for all that is not released apart",
    "service": "key of the service; * for all of the kind that is not released apart",
    "region": "region of the country; * for all that is not released apart, empty in other dimensions",
    "state": "key of the state as in CLUES, two letters; * for all of the region that is not released apart",
    "clues": "key of the unit in the health ministry''s catalogue; * for all of the state that is not released apart",
    "value": "channel or value of the quality; * for all that is not released apart",
    "measure": "what is summed: a name of the other tables'' sums, or online, phone and in_person of the mix",
    "amount": "the sum; means are of a rounded number of observations",
}


def upgrade() -> None:
    op.create_table(
        "saving_release",
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("is_withheld", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("family", "period", name=op.f("pk_saving_release")),
    )
    op.create_table(
        "saving_released_block",
        *(sa.Column(name, sa.Date() if name == "period" else sa.Text(), nullable=False) for name in KEYS),
        sa.Column("measures", ARRAY(sa.Text()), nullable=False),
        sa.Column("amounts", ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint(*KEYS, name=op.f("pk_saving_released_block")),
    )
    op.execute(FINAL)
    for table in ("saving_release", "saving_released_block"):
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION saving_release_is_final()"
        )
    op.execute(VIEW)
    op.execute(f"COMMENT ON VIEW analytics.released IS '{COMMENT}'")
    for column, means in COMMENTS.items():
        op.execute(f"COMMENT ON COLUMN analytics.released.{column} IS '{means}'")


def downgrade() -> None:
    op.execute("DROP VIEW analytics.released")
    op.drop_table("saving_released_block")
    op.drop_table("saving_release")
    op.execute("DROP FUNCTION saving_release_is_final()")
