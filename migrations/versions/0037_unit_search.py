"""What a unit is found by, computed once."""

import sqlalchemy as sa
from alembic import op

revision = "0037_unit_search"
down_revision = "0036_message_work"

SEARCHED = """
    lower(translate(
        ' ' || clues || ' ' || name || ' ' || municipality || ' ' || state || ' ',
        'ÁÀÄÂÉÈËÊÍÌÏÎÓÒÖÔÚÙÜÛÑÇáàäâéèëêíìïîóòöôúùüûñç.,;:-/()#"°º',
        'aaaaeeeeiiiioooouuuuncaaaaeeeeiiiioooouuuunc            '))
"""


def upgrade() -> None:
    op.add_column("unit", sa.Column("search", sa.Text(), sa.Computed(SEARCHED, persisted=True), nullable=False))


def downgrade() -> None:
    op.drop_column("unit", "search")
