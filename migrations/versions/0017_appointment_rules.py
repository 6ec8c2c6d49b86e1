"""Who freed a seat may take it back; two appointments of a person never begin at the same minute."""

import sqlalchemy as sa
from alembic import op

revision = "0017_appointment_rules"
down_revision = "0016_saving_weeks"

OFFER = ("unit_id", "service", "on_date", "start_at", "room", "seat")
OFFERED = sa.text("state IN ('free', 'held')")


def upgrade() -> None:
    op.add_column("seat", sa.Column("freed_by", sa.Uuid(), nullable=True))
    op.drop_index("ix_seat_offer", table_name="seat")
    op.create_index(
        "ix_seat_offer",
        "seat",
        list(OFFER),
        postgresql_include=["state", "held_until", "free_from", "freed_by", "shift"],
        postgresql_where=OFFERED,
    )
    op.create_index("uq_active_appointment_start", "active_appointment", ["person_id", "start_at"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_active_appointment_start", table_name="active_appointment")
    op.drop_index("ix_seat_offer", table_name="seat")
    op.drop_column("seat", "freed_by")
    op.create_index(
        "ix_seat_offer",
        "seat",
        list(OFFER),
        postgresql_include=["state", "held_until", "free_from", "shift"],
        postgresql_where=OFFERED,
    )
