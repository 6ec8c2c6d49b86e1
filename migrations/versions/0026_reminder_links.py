"""What was done by a link of a reminder, as it was done."""

import sqlalchemy as sa
from alembic import op

revision = "0026_reminder_links"
down_revision = "0025_desk_mends"

AWARE = sa.DateTime(timezone=True)
CHECKS = {
    "answered_by": "(answer IS NULL) = (answered_by IS NULL)",
    "answered_version": "(answer IS NULL) = (answered_version IS NULL)",
    "moved_to": "(moved_to IS NOT NULL) = (answer IS NOT DISTINCT FROM 'moved')",
}


def upgrade() -> None:
    op.add_column("reminder", sa.Column("answered_by", sa.Uuid()))
    op.add_column("reminder", sa.Column("answered_version", sa.Integer()))
    op.add_column("reminder", sa.Column("moved_to", AWARE))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_reminder_{name}"), "reminder", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_reminder_{name}"), "reminder")
    for column in ("moved_to", "answered_version", "answered_by"):
        op.drop_column("reminder", column)
