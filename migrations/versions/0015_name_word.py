"""The words of names, so that an unfinished one is looked up by those it may become."""

import sqlalchemy as sa
from alembic import op

revision = "0015_name_word"
down_revision = "0014_analytics"


def upgrade() -> None:
    op.create_table(
        "name_word",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_name_word")),
    )
    # Every word of every request, read once; a word that begins with a sign is the unit.
    op.execute(
        "INSERT INTO name_word (word) SELECT word FROM ts_stat('SELECT search FROM request') WHERE word NOT LIKE '@%'"
    )


def downgrade() -> None:
    op.drop_table("name_word")
