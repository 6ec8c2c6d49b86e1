"""Schedules are ended and corrected, days off close their seats, and nobody books what is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0024_closures"
down_revision = "0023_assurance"

AFFECTED = "affected IN ('holiday', 'leave', 'training', 'maintenance', 'emergency', 'schedule', 'unit')"
ROOMS = """
    INSERT INTO room (unit_id, number, kind, name)
    SELECT DISTINCT unit_id, room, 'consulting', 'Consultorio ' || room FROM {table} WHERE room IS NOT NULL
    ON CONFLICT DO NOTHING
"""
# A closed seat is booked by nobody: an appointment made before the closure keeps its seat, a new one can't take it.
GUARD = """
    CREATE FUNCTION refuse_closed_seat() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'seat is closed' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_seat_closed_is_not_offered', TABLE = 'seat';
    END $$
"""
TRIGGER = """
    CREATE TRIGGER seat_closed_is_not_booked BEFORE UPDATE OF state ON seat FOR EACH ROW
    WHEN (OLD.closed_by IS NOT NULL AND OLD.state <> 'booked' AND NEW.state IN ('held', 'booked'))
    EXECUTE FUNCTION refuse_closed_seat()
"""


def upgrade() -> None:
    for table in ("schedule", "schedule_exception"):
        op.execute(ROOMS.format(table=table))
        op.create_foreign_key(
            op.f(f"fk_{table}_unit_id_room_room"), table, "room", ["unit_id", "room"], ["unit_id", "number"]
        )
    op.add_column("schedule", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.drop_constraint(op.f("ck_schedule_dates_in_order"), "schedule", type_="check")
    op.create_check_constraint(op.f("ck_schedule_dates_in_order"), "schedule", "valid_to >= valid_from - 1")
    op.add_column("appointment", sa.Column("affected", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_appointment_affected"), "appointment", AFFECTED)
    op.create_index(
        "ix_appointment_affected",
        "appointment",
        ["unit_id", "start_at"],
        postgresql_where=sa.text("affected IS NOT NULL AND status = 'booked'"),
    )
    op.create_check_constraint(
        op.f("ck_seat_closed_is_not_offered"), "seat", "closed_by IS NULL OR state IN ('closed', 'booked')"
    )
    op.execute(GUARD)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER seat_closed_is_not_booked ON seat")
    op.execute("DROP FUNCTION refuse_closed_seat()")
    op.drop_constraint(op.f("ck_seat_closed_is_not_offered"), "seat", type_="check")
    op.drop_index("ix_appointment_affected", table_name="appointment")
    op.drop_constraint(op.f("ck_appointment_affected"), "appointment", type_="check")
    op.drop_column("appointment", "affected")
    op.drop_column("schedule", "version")
    op.drop_constraint(op.f("ck_schedule_dates_in_order"), "schedule", type_="check")
    op.execute("DELETE FROM schedule WHERE valid_to < valid_from")
    op.create_check_constraint(op.f("ck_schedule_dates_in_order"), "schedule", "valid_to >= valid_from")
    for table in ("schedule", "schedule_exception"):
        op.drop_constraint(op.f(f"fk_{table}_unit_id_room_room"), table, type_="foreignkey")
