"""Figures of law begin on a day that a law can have, are no greater than any of its amounts, and have a source.

Of what an earlier program took, a row of the year 2101 or later is removed and the one that it had ended goes on; one
from before 1943 begins with that year; an amount above any goes, so an administrator records it again; a source of
blanks says that there is none.
"""

from alembic import op

revision = "0052_law_figure_limits"
down_revision = "0051_one_couple"

REPAIRS = (
    "DELETE FROM law_figure WHERE valid_from > DATE '2100-12-31' OR valid_to < DATE '1943-01-01' OR amount > 10000000",
    "UPDATE law_figure SET valid_to = NULL WHERE valid_to >= DATE '2100-12-31'",
    "UPDATE law_figure SET valid_from = DATE '1943-01-01' WHERE valid_from < DATE '1943-01-01'",
    """UPDATE law_figure SET source = 'Sin fuente registrada', certainty = 'doubtful'
        WHERE char_length(btrim(source)) < 3""",
)
CHECKS = {
    "first_day": "valid_from BETWEEN DATE '1943-01-01' AND DATE '2100-12-31'",
    "most": "amount <= 10000000",
    "legible_source": "char_length(btrim(source)) >= 3",
}


def upgrade() -> None:
    for statement in REPAIRS:
        op.execute(statement)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_law_figure_{name}"), "law_figure", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_law_figure_{name}"), "law_figure")
