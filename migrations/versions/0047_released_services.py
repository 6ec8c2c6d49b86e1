"""What is released of each service in the whole country, for who needs no finer place than that."""

from alembic import op

revision = "0047_released_services"
down_revision = "0046_queue_filters"

# Sums of what is released already: nothing follows from them that didn't follow from `released`.
VIEW = """
    CREATE VIEW analytics.released_services AS
    SELECT b.period AS month, b.family, b.kind, b.service, m.measure, sum(m.amount)::bigint AS amount
    FROM saving_released_block b CROSS JOIN LATERAL unnest(b.measures, b.amounts) AS m (measure, amount)
    WHERE b.dim = 'place' GROUP BY 1, 2, 3, 4, 5
"""
COMMENT = (
    "What is released of each service in the country. Sums of the blocks of `released` over all places, also where no"
    " finer place is released. Nothing is in it that is not in `released`."
)
COMMENTS = {
    "month": "first day of the month",
    "family": "numbers that are read from the same observations, by the name of their first metric",
    "kind": "kind of errand; * for all that is not released apart",
    "service": "key of the service; * for all of the kind that is not released apart",
    "measure": "what is summed: a name of the other tables'' sums, or online, phone and in_person of the mix",
    "amount": "the sum; means are of a rounded number of observations",
}


def upgrade() -> None:
    op.execute(VIEW)
    op.execute(f"COMMENT ON VIEW analytics.released_services IS '{COMMENT}'")
    for column, means in COMMENTS.items():
        op.execute(f"COMMENT ON COLUMN analytics.released_services.{column} IS '{means}'")


def downgrade() -> None:
    op.execute("DROP VIEW analytics.released_services")
