"""Why a child is covered from 16 on, and until when they study: LSS art. 84 V and VI."""

import sqlalchemy as sa
from alembic import op

revision = "0038_end_of_dependence"
down_revision = "0037_unit_search"

_AGE = "to_char(d.starts_on, 'YYYYMMDD')::int - to_char(p.birth_on, 'YYYYMMDD')::int"


def upgrade() -> None:
    op.add_column("dependant", sa.Column("situation", sa.Text()))
    op.add_column("dependant", sa.Column("studies_until", sa.Date()))
    # What the holder answered when they registered them; the latest approval counts.
    op.execute("""
        UPDATE dependant d SET situation = r.situation FROM (
            SELECT DISTINCT ON (r.person_id, p.id) r.person_id AS holder_id, p.id, r.answers->>'situation' AS situation
            FROM request r JOIN person p ON p.curp = r.answers->>'dependant_curp'
            WHERE r.service = 'dependant-add' AND r.outcome = 'approved'
            ORDER BY r.person_id, p.id, r.id DESC) r
        WHERE d.holder_id = r.holder_id AND d.person_id = r.id AND d.kinship = 'child'
            AND r.situation IN ('studies', 'disability')
    """)
    # Others were registered at 16 or later for one of two reasons: from 25 on only a disability is possible.
    op.execute(f"""
        UPDATE dependant d SET situation = CASE WHEN {_AGE} < 250000 THEN 'studies' ELSE 'disability' END
        FROM person p WHERE p.id = d.person_id AND d.kinship = 'child' AND d.situation IS NULL AND {_AGE} >= 160000
    """)
    op.create_check_constraint(op.f("ck_dependant_situation"), "dependant", "situation IN ('studies', 'disability')")
    op.create_check_constraint(
        op.f("ck_dependant_situation_of_child"), "dependant", "situation IS NULL OR kinship = 'child'"
    )
    op.create_check_constraint(
        op.f("ck_dependant_studies"), "dependant", "studies_until IS NULL OR situation = 'studies'"
    )


def downgrade() -> None:
    for name in ("studies", "situation_of_child", "situation"):
        op.drop_constraint(op.f(f"ck_dependant_{name}"), "dependant")
    op.drop_column("dependant", "studies_until")
    op.drop_column("dependant", "situation")
