"""Schedules, seats, appointments and referrals."""

import sqlalchemy as sa
from alembic import op

revision = "0008_appointments"
down_revision = "0007_documents"

AWARE = sa.DateTime(timezone=True)
SERVICE_SHAPE = "service IN ('family-medicine', 'dental', 'preventive', 'window') OR service ~ '^specialist-[a-z-]+$'"

# A week's minutes, from Monday at midnight (ISO weekdays begin with 1).
SCHEDULE_WEEK = """
    CREATE FUNCTION schedule_week(weekdays smallint[], starts time, ends time) RETURNS int4multirange
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT range_agg(int4range(
            (day - 1) * 1440 + (extract(epoch FROM starts) / 60)::integer,
            (day - 1) * 1440 + (extract(epoch FROM ends) / 60)::integer
        )) FROM unnest(weekdays) AS day
    $$
"""
# A room has one schedule at a time. By ranges alone: equality in such a constraint needs an extension, and not every
# server has it.
ONE_AT_A_TIME = """
    ALTER TABLE schedule ADD CONSTRAINT ex_schedule_overlap EXCLUDE USING gist (
        (int8range(hashtextextended(unit_id::text || ':' || room::text, 0),
                   hashtextextended(unit_id::text || ':' || room::text, 0), '[]')) WITH &&,
        (schedule_week(weekdays, starts, ends)) WITH &&,
        (daterange(valid_from, valid_to + 1)) WITH &&
    )
"""
# A closed seat can't be booked: an appointment made before the closure keeps its seat, a new one can't take it.
REFUSE_CLOSED_SEAT = """
    CREATE FUNCTION refuse_closed_seat() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'seat is closed' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_seat_closed_is_not_offered', TABLE = 'seat';
    END $$
"""
CLOSED_IS_NOT_BOOKED = """
    CREATE TRIGGER seat_closed_is_not_booked BEFORE UPDATE OF state ON seat FOR EACH ROW
    WHEN (OLD.closed_by IS NOT NULL AND OLD.state <> 'booked' AND NEW.state IN ('held', 'booked'))
    EXECUTE FUNCTION refuse_closed_seat()
"""
# Open seats of a room don't overlap; those of one time, length and service are its places, which the primary key
# keeps apart. An exclusion constraint would index every seat a second time, in GiST: measured, it made the generation
# of seats 6.9 times slower. The triggers look at the neighbours in the primary key instead, and only when a seat is
# added, opened or moved in time: holding, booking and cancelling don't run them.
OVERLAPS = """
    o.unit_id = n.unit_id AND o.room = n.room AND o.closed_by IS NULL
    AND o.start_at > n.start_at - interval '240 minutes'
    AND o.start_at < n.start_at + make_interval(mins => n.minutes)
    AND o.start_at + make_interval(mins => o.minutes) > n.start_at
    AND (o.start_at, o.minutes, o.service) <> (n.start_at, n.minutes, n.service)
"""
REFUSE_OVERLAP = """
    RAISE EXCEPTION 'seat overlaps an open seat of its room'
        USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'ex_seat_overlap', TABLE = 'seat'
"""
# Two transactions that add one of two such seats each wouldn't see each other's, so they take turns by unit. Each added
# seat looks at its own neighbours by the primary key (LIMIT keeps it from being joined to all of its room), whatever
# the size of the table was when the session planned it.
REFUSE_OVERLAPPING_ADDED = f"""
    CREATE FUNCTION refuse_overlapping_added() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    BEGIN
        PERFORM 1 FROM unit WHERE id IN (SELECT unit_id FROM added WHERE closed_by IS NULL)
            ORDER BY id FOR NO KEY UPDATE;
        IF EXISTS (SELECT 1 FROM added n, LATERAL (SELECT 1 FROM seat o WHERE {OVERLAPS} LIMIT 1) found
            WHERE n.closed_by IS NULL) THEN
            {REFUSE_OVERLAP};
        END IF;
        RETURN NULL;
    END $$
"""
REFUSE_OVERLAPPING_CHANGED = f"""
    CREATE FUNCTION refuse_overlapping_changed() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    DECLARE n seat := NEW;
    BEGIN
        PERFORM 1 FROM unit WHERE id = n.unit_id FOR NO KEY UPDATE;
        IF EXISTS (SELECT 1 FROM seat o WHERE {OVERLAPS}) THEN
            {REFUSE_OVERLAP};
        END IF;
        RETURN NULL;
    END $$
"""
ADDED_OVERLAPS_NONE = """
    CREATE TRIGGER seat_added_overlaps_none AFTER INSERT ON seat REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_overlapping_added()
"""
CHANGED_OVERLAPS_NONE = """
    CREATE TRIGGER seat_changed_overlaps_none
    AFTER UPDATE OF unit_id, room, start_at, minutes, service, closed_by ON seat FOR EACH ROW
    WHEN (NEW.closed_by IS NULL
        AND (OLD.unit_id, OLD.room, OLD.start_at, OLD.minutes, OLD.service, OLD.closed_by) IS DISTINCT FROM
            (NEW.unit_id, NEW.room, NEW.start_at, NEW.minutes, NEW.service, NEW.closed_by))
    EXECUTE FUNCTION refuse_overlapping_changed()
"""


def upgrade() -> None:
    _schedules()
    _seats()
    _appointments()
    _referrals()


def _schedules() -> None:
    """Create the weekly schedules of rooms, and their exceptions."""
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("slot_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.ForeignKeyConstraint(
            ["unit_id", "room"], ["room.unit_id", "room.number"], name="fk_schedule_unit_id_room_room"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_schedule_unit_id_unit"),
        sa.CheckConstraint(SERVICE_SHAPE, name=op.f("ck_schedule_service")),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_schedule_shift")),
        sa.CheckConstraint("ends > starts", name=op.f("ck_schedule_hours_in_order")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 240", name=op.f("ck_schedule_slot_minutes")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 100", name=op.f("ck_schedule_capacity")),
        # The day before the first: it was ended before it began.
        sa.CheckConstraint("valid_to >= valid_from - 1", name=op.f("ck_schedule_dates_in_order")),
        sa.CheckConstraint(
            "weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[] AND cardinality(weekdays) > 0",
            name=op.f("ck_schedule_weekdays"),
        ),
    )
    op.execute(SCHEDULE_WEEK)
    op.execute(ONE_AT_A_TIME)
    op.create_index("ix_schedule_unit_id_room", "schedule", ["unit_id", "room"])
    op.create_table(
        "schedule_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer()),
        sa.Column("shift", sa.Text()),
        sa.Column("starts_at", AWARE, nullable=False),
        sa.Column("ends_at", AWARE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_exception"),
        sa.ForeignKeyConstraint(
            ["unit_id", "room"], ["room.unit_id", "room.number"], name="fk_schedule_exception_unit_id_room_room"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_schedule_exception_unit_id_unit"),
        sa.CheckConstraint(
            "reason IN ('holiday', 'leave', 'training', 'maintenance', 'emergency')",
            name=op.f("ck_schedule_exception_reason"),
        ),
        sa.CheckConstraint("shift IN ('M', 'V', 'N')", name=op.f("ck_schedule_exception_shift")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_schedule_exception_times_in_order")),
    )
    op.create_index("ix_schedule_exception_unit_id_starts_at", "schedule_exception", ["unit_id", "starts_at"])


def _seats() -> None:
    """Create seats, each a place for one person at one time, and what the database itself refuses."""
    op.create_table(
        "seat",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("seat", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'free'"), nullable=False),
        sa.Column("free_from", AWARE, server_default=sa.text("'epoch'"), nullable=False),
        sa.Column("freed_by", sa.Uuid()),
        sa.Column("holder_id", sa.Uuid()),
        sa.Column("hold_id", sa.Uuid()),
        sa.Column("held_until", AWARE),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("closed_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("unit_id", "room", "start_at", "seat", name="pk_seat"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_seat_unit_id_unit"),
        sa.CheckConstraint("state IN ('free', 'held', 'booked', 'closed')", name=op.f("ck_seat_state")),
        sa.CheckConstraint("(state IN ('held', 'booked')) = (holder_id IS NOT NULL)", name=op.f("ck_seat_holder")),
        sa.CheckConstraint(
            "(state = 'held') = (hold_id IS NOT NULL AND held_until IS NOT NULL)", name=op.f("ck_seat_hold")
        ),
        sa.CheckConstraint("(state = 'booked') = (appointment_id IS NOT NULL)", name=op.f("ck_seat_appointment")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 240", name=op.f("ck_seat_minutes")),
        sa.CheckConstraint("state <> 'closed' OR closed_by IS NOT NULL", name=op.f("ck_seat_closed")),
        sa.CheckConstraint(
            "closed_by IS NULL OR state IN ('closed', 'booked')", name=op.f("ck_seat_closed_is_not_offered")
        ),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_seat_offer",
        "seat",
        ["unit_id", "service", "on_date", "start_at", "room", "seat"],
        postgresql_include=["state", "held_until", "free_from", "freed_by", "shift"],
        postgresql_where=sa.text("state IN ('free', 'held')"),
    )
    # One hold a person and service. The unit is part of it so that units can live on different machines; it comes last
    # so that the same index finds a person's holds.
    op.create_index(
        "uq_seat_holder",
        "seat",
        ["holder_id", "service", "unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'held'"),
    )
    for function in (REFUSE_CLOSED_SEAT, REFUSE_OVERLAPPING_ADDED, REFUSE_OVERLAPPING_CHANGED):
        op.execute(function)
    for trigger in (CLOSED_IS_NOT_BOOKED, ADDED_OVERLAPS_NONE, CHANGED_OVERLAPS_NONE):
        op.execute(trigger)


def _appointments() -> None:
    """Create appointments, and the register of those that are open."""
    op.create_table(
        "appointment",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("seat", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'booked'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("booked_by_kind", sa.Text(), nullable=False),
        sa.Column("booked_by_id", sa.Uuid()),
        sa.Column("cancel_reason", sa.Text()),
        sa.Column("affected", sa.Text()),
        sa.Column("request_id", sa.Uuid()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("changed_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "id", name="pk_appointment"),
        sa.UniqueConstraint("unit_id", "folio", name="uq_appointment_unit_id_folio"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_appointment_unit_id_unit"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_appointment_person_id_person"),
        sa.CheckConstraint(SERVICE_SHAPE, name=op.f("ck_appointment_service")),
        sa.CheckConstraint(
            "status IN ('booked', 'cancelled', 'attended', 'missed')", name=op.f("ck_appointment_status")
        ),
        sa.CheckConstraint(
            "affected IN ('holiday', 'leave', 'training', 'maintenance', 'emergency', 'schedule', 'unit')",
            name=op.f("ck_appointment_affected"),
        ),
    )
    op.create_index(
        "ix_appointment_affected",
        "appointment",
        ["unit_id", "start_at"],
        postgresql_where=sa.text("affected IS NOT NULL AND status = 'booked'"),
    )
    op.create_index("ix_appointment_folio", "appointment", ["folio"])
    op.create_index("ix_appointment_person_id_start_at", "appointment", ["person_id", "start_at"])
    # The last word on overbooking: two live appointments can't share a seat, whatever a program does.
    op.create_index(
        "uq_appointment_seat",
        "appointment",
        ["unit_id", "room", "start_at", "seat"],
        unique=True,
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.create_table(
        "active_appointment",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "service", name="pk_active_appointment"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_active_appointment_person_id_person"),
    )
    op.create_index("uq_active_appointment_start", "active_appointment", ["person_id", "start_at"], unique=True)


def _referrals() -> None:
    """Create family doctors' orders to see a specialist."""
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.Uuid()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_referral_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_referral_unit_id_unit"),
        sa.CheckConstraint("service ~ '^specialist-[a-z-]+$'", name=op.f("ck_referral_service")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_referral_dates_in_order")),
    )
    op.create_index("ix_referral_person_id_service", "referral", ["person_id", "service"])


def downgrade() -> None:
    for table in ("referral", "active_appointment", "appointment", "seat", "schedule_exception", "schedule"):
        op.drop_table(table)
    for function in (
        "refuse_closed_seat",
        "refuse_overlapping_added",
        "refuse_overlapping_changed",
        "schedule_week",
    ):
        op.execute(f"DROP FUNCTION {function}")
