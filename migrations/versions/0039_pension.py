"""Pensions: they make a person covered, LSS art. 84 II."""

import sqlalchemy as sa
from alembic import op

revision = "0039_pension"
down_revision = "0038_end_of_dependence"


def upgrade() -> None:
    op.create_table(
        "pension",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pension_dates_in_order")),
        sa.CheckConstraint(
            "kind IN ('old-age', 'advanced-age', 'invalidity', 'work-risk', 'widowhood', 'orphanhood', 'ascendants')",
            name=op.f("ck_pension_kind"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pension_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "kind", "starts_on", name=op.f("pk_pension")),
    )
    # Those that the portal granted before, from the day of the approval.
    op.execute("""
        INSERT INTO pension (person_id, kind, starts_on)
        SELECT DISTINCT ON (r.person_id, r.answers->>'pension') r.person_id, r.answers->>'pension',
            (r.decided_at AT TIME ZONE coalesce(u.timezone, 'America/Mexico_City'))::date
        FROM request r LEFT JOIN unit u ON u.id = r.unit_id
        WHERE r.service = 'pension' AND r.outcome = 'approved' AND r.decided_at IS NOT NULL
            AND r.answers->>'pension' IN ('old-age', 'advanced-age')
        ORDER BY r.person_id, r.answers->>'pension', r.id
    """)


def downgrade() -> None:
    op.drop_table("pension")
