"""The view of reasons says that an answer to a complaint counts there, too."""

from alembic import op

revision = "0053_reasons_comment"
down_revision = "0052_law_figure_limits"

MEANS = "Reasons for refusals. How often each reason was given for a refusal"
NOW = f"{MEANS}, or the answer that a complaint is not ours. One may have more."
BEFORE = f"{MEANS}. A refusal may have several."


def upgrade() -> None:
    op.execute(f"COMMENT ON VIEW analytics.reasons IS '{NOW}'")
    op.execute("COMMENT ON COLUMN analytics.reasons.times IS 'decisions that gave it'")


def downgrade() -> None:
    op.execute(f"COMMENT ON VIEW analytics.reasons IS '{BEFORE}'")
    op.execute("COMMENT ON COLUMN analytics.reasons.times IS 'refusals that gave it'")
