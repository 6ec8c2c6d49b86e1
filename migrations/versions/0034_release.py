"""Schedules may release their seats in waves or by draw: waves that were released, draws and registrations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034_release"
down_revision = "0033_push"

AWARE = sa.DateTime(timezone=True)
SERVICE_SHAPE = "service IN ('family-medicine', 'dental', 'preventive', 'window') OR service ~ '^specialist-[a-z-]+$'"
ENDED_BY = (
    "'accepted', 'left', 'appointment-over', 'appointment-cancelled', 'booked-elsewhere', 'not-eligible', 'expired'"
)
# What was published of a draw stands: its seed's digest, its moments, the seed once it is, and each position.
DRAW_IS_AS_PUBLISHED = """
    CREATE FUNCTION refuse_other_draw() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.seed IS NOT NULL AND NEW.seed IS DISTINCT FROM OLD.seed
            OR (NEW.seed_digest, NEW.schedule_id, NEW.room, NEW.service, NEW.on_date, NEW.opens_at, NEW.closes_at,
                NEW.public_at) IS DISTINCT FROM
            (OLD.seed_digest, OLD.schedule_id, OLD.room, OLD.service, OLD.on_date, OLD.opens_at, OLD.closes_at,
                OLD.public_at)
        THEN
            RAISE EXCEPTION 'a draw stays as it was published'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'draw_is_as_published', TABLE = 'draw';
        END IF;
        RETURN NEW;
    END $$
"""
REGISTRATION_IS_IN_TIME = """
    CREATE FUNCTION refuse_late_registration() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM draw WHERE unit_id = NEW.unit_id AND id = NEW.draw_id AND seed IS NULL FOR SHARE;
        IF NOT FOUND OR NEW.position IS NOT NULL THEN
            RAISE EXCEPTION 'the registration for the draw is over'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'draw_registration_is_in_time',
                TABLE = 'draw_registration';
        END IF;
        RETURN NEW;
    END $$
"""
REGISTRATION_IS_AS_DRAWN = """
    CREATE FUNCTION refuse_other_position() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.draw_id, NEW.person_id, NEW.code) IS DISTINCT FROM (OLD.draw_id, OLD.person_id, OLD.code)
            OR NEW.position IS DISTINCT FROM OLD.position AND (OLD.position IS NOT NULL OR OLD.cancelled_at IS NOT NULL
                OR NOT EXISTS (SELECT FROM draw WHERE unit_id = NEW.unit_id AND id = NEW.draw_id AND seed IS NOT NULL))
        THEN
            RAISE EXCEPTION 'a registration stays as it was drawn'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'draw_registration_is_as_drawn',
                TABLE = 'draw_registration';
        END IF;
        RETURN NEW;
    END $$
"""
TRIGGERS = {
    "draw_is_as_published": ("UPDATE ON draw", "refuse_other_draw", DRAW_IS_AS_PUBLISHED),
    "draw_registration_is_in_time": (
        "INSERT ON draw_registration",
        "refuse_late_registration",
        REGISTRATION_IS_IN_TIME,
    ),
    "draw_registration_is_as_drawn": (
        "UPDATE ON draw_registration",
        "refuse_other_position",
        REGISTRATION_IS_AS_DRAWN,
    ),
}


def upgrade() -> None:
    _waves()
    _draws()
    _registrations()
    _wait_list()
    for name, (when, function, body) in TRIGGERS.items():
        op.execute(body)
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} FOR EACH ROW EXECUTE FUNCTION {function}()")


def _waves() -> None:
    """Create the release of schedules, and the waves that were released."""
    op.add_column("schedule", sa.Column("release", postgresql.JSONB(none_as_null=True)))
    op.create_check_constraint(
        op.f("ck_schedule_release"), "schedule", "jsonb_exists(release, 'waves') <> jsonb_exists(release, 'draw')"
    )
    op.create_index(
        "ix_schedule_release", "schedule", ["unit_id", "service"], postgresql_where=sa.text("release IS NOT NULL")
    )
    op.create_table(
        "released_wave",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("above", sa.SmallInteger(), nullable=False),
        sa.Column("below", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("slot_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("released_at", AWARE, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint(SERVICE_SHAPE, name=op.f("ck_released_wave_service")),
        sa.CheckConstraint("above >= 0 AND below > above AND below <= 100", name=op.f("ck_released_wave_shares")),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_released_wave_seats")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_released_wave_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_released_wave")),
    )
    op.create_index("uq_released_wave", "released_wave", ["unit_id", "schedule_id", "on_date", "wave"], unique=True)
    op.create_index(op.f("ix_released_wave_unit_id_released_at"), "released_wave", ["unit_id", "released_at"])


def _draws() -> None:
    """Create draws."""
    op.create_table(
        "draw",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("opens_at", AWARE, nullable=False),
        sa.Column("closes_at", AWARE, nullable=False),
        sa.Column("public_at", AWARE, nullable=False),
        sa.Column("seed_digest", sa.Text(), nullable=False),
        sa.Column("seed_ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.LargeBinary()),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("registrations", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("drawn_at", AWARE),
        sa.Column("ended_at", AWARE),
        sa.CheckConstraint(SERVICE_SHAPE, name=op.f("ck_draw_service")),
        sa.CheckConstraint("status IN ('open', 'drawn', 'ended')", name=op.f("ck_draw_status")),
        sa.CheckConstraint("opens_at < closes_at AND closes_at < public_at", name=op.f("ck_draw_moments_in_order")),
        sa.CheckConstraint("(status = 'open') = (seed IS NULL)", name=op.f("ck_draw_seed")),
        sa.CheckConstraint("encode(sha256(seed), 'hex') = seed_digest", name=op.f("ck_draw_seed_is_as_committed")),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_draw_ended_at")),
        sa.CheckConstraint("seats >= 0 AND registrations >= 0", name=op.f("ck_draw_counts")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_draw_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_draw")),
    )
    op.create_index("uq_draw", "draw", ["unit_id", "schedule_id", "on_date"], unique=True)
    op.create_index(op.f("ix_draw_id"), "draw", ["id"])
    op.create_index("ix_draw_active", "draw", ["unit_id", "service"], postgresql_where=sa.text("status <> 'ended'"))


def _registrations() -> None:
    """Create the registrations for draws."""
    op.create_table(
        "draw_registration",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("registered_at", AWARE, nullable=False),
        sa.Column("registered_by_kind", sa.Text(), nullable=False),
        sa.Column("registered_by_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("cancelled_at", AWARE),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_draw_registration_position")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_draw_registration_unit_id_unit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draw_registration_person_id_person")),
        sa.ForeignKeyConstraint(
            ["unit_id", "draw_id"], ["draw.unit_id", "draw.id"], name=op.f("fk_draw_registration_unit_id_draw_id_draw")
        ),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_draw_registration")),
    )
    table = "draw_registration"
    op.create_index("uq_draw_registration_code", table, ["unit_id", "draw_id", "code"], unique=True)
    op.create_index("uq_draw_registration_position", table, ["unit_id", "draw_id", "position"], unique=True)
    op.create_index(
        "uq_draw_registration_person",
        table,
        ["unit_id", "draw_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(op.f("ix_draw_registration_person_id"), table, ["person_id"])
    op.create_index(op.f("ix_draw_registration_id"), table, ["id"])


def _wait_list() -> None:
    """Let the wait list offer the seats of draws."""
    op.add_column("wait_entry", sa.Column("draw_id", sa.Uuid()))
    op.add_column("freed_seat", sa.Column("draw_id", sa.Uuid()))
    op.create_index(
        "ix_freed_seat_draw", "freed_seat", ["unit_id", "draw_id"], postgresql_where=sa.text("draw_id IS NOT NULL")
    )
    _person_waits_once("status <> 'ended' AND draw_id IS NULL")
    _end_reasons(f"{ENDED_BY}, 'draw-over'")


def _person_waits_once(where: str) -> None:
    op.drop_index("uq_wait_entry_person", "wait_entry")
    op.create_index(
        "uq_wait_entry_person",
        "wait_entry",
        ["person_id", "service"],
        unique=True,
        postgresql_where=sa.text(where),
    )


def _end_reasons(reasons: str) -> None:
    op.drop_constraint(op.f("ck_wait_entry_end_reason"), "wait_entry")
    op.create_check_constraint(op.f("ck_wait_entry_end_reason"), "wait_entry", f"end_reason IN ({reasons})")


def downgrade() -> None:
    op.execute("DELETE FROM wait_offer WHERE entry_id IN (SELECT id FROM wait_entry WHERE draw_id IS NOT NULL)")
    op.execute("DELETE FROM wait_entry WHERE draw_id IS NOT NULL")
    op.execute("DELETE FROM freed_seat WHERE draw_id IS NOT NULL")
    _end_reasons(ENDED_BY)
    _person_waits_once("status <> 'ended'")
    op.drop_column("wait_entry", "draw_id")
    op.drop_column("freed_seat", "draw_id")
    op.drop_table("draw_registration")
    op.drop_table("draw")
    for _when, function, _body in TRIGGERS.values():
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("released_wave")
    op.drop_column("schedule", "release")
