"""All sessions of a person, found without reading everybody's: signing in elsewhere, closing and freezing end them."""

import sqlalchemy as sa
from alembic import op

revision = "0034_session_of_person"
down_revision = "0033_person_correction"


def upgrade() -> None:
    op.create_index(
        "ix_web_session_person_id", "web_session", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_web_session_person_id", "web_session")
