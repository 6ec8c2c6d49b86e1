"""The measurement: observed errands and tickets, and their sums."""

import sqlalchemy as sa
from alembic import op

revision = "0012_savings"
down_revision = "0011_observation"

# The eight regions the country's statistics are often given for.
REGIONS = {
    "noroeste": ("BC", "BS", "CH", "DG", "SL", "SR"),
    "noreste": ("CL", "NL", "TS"),
    "occidente": ("CM", "JC", "MN", "NT"),
    "oriente": ("HG", "PL", "TL", "VZ"),
    "centronorte": ("AS", "GT", "QT", "SP", "ZS"),
    "centrosur": ("DF", "MC", "MS"),
    "suroeste": ("CS", "GR", "OC"),
    "sureste": ("CC", "QR", "TC", "YN"),
}
# (service, days, source). A chain of completions within the window of each other counts once.
WINDOWS = (
    ("*", 30, "Assumption: an errand seldom comes back within a month by itself"),
    ("family-medicine", 0, "Each appointment is an errand of its own: one open at a time, one a day"),
    ("dental", 0, "Each appointment is an errand of its own"),
    ("preventive", 0, "Each appointment is an errand of its own"),
    ("window", 0, "Each appointment is an errand of its own"),
    ("appointment-move", 1, "Assumption: moving the same appointment twice in a day is one trip saved"),
    ("appointment-cancel", 1, "Assumption: as for moving"),
)
TABLES = (
    "errand",
    "ticket",
    "saving_cell",
    "saving_profile",
    "saving_reason_cell",
    "saving_region",
    "saving_ticket_cell",
    "saving_window",
)


def _sums(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "errand",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("counts_as", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("first_event", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("rurality", sa.Text(), nullable=False),
        sa.Column("unit_event", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("visits", sa.SmallInteger(), nullable=False),
        sa.Column("outcome_event", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("by_rules", sa.Boolean(), nullable=False),
        sa.Column("due_event", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("survey_event", sa.Uuid(), nullable=True),
        sa.Column("would_have_gone", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("attendance_event", sa.Uuid(), nullable=True),
        sa.Column("attendance", sa.Text(), nullable=True),
        sa.Column("is_absorbed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_followed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_first_of_month", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_first_of_day", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("outcome IN ('open', 'completed', 'refused', 'abandoned')", name=op.f("ck_errand_outcome")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_errand_seconds")),
        sa.PrimaryKeyConstraint("person_id", "service", "id", name=op.f("pk_errand")),
    )
    op.create_index("ix_errand_day", "errand", ["day"], unique=False)
    op.create_index("ix_errand_unit_day", "errand", ["unit_id", "day"], unique=False)
    op.create_table(
        "saving_cell",
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("dim", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *_sums(
            "errands",
            "started",
            "completed",
            "counted",
            "repeats",
            "followed",
            "refused",
            "abandoned",
            "by_rules",
            "late",
            "observed",
            "online",
            "seconds",
            "seconds_sq",
            "visits",
            "located",
            "metres",
            "decided",
            "decide_hours",
            "decide_hours_sq",
            "asked",
            "would_have_gone",
            "rated",
            "rating",
            "rating_sq",
            "attended",
            "missed",
            "people",
        ),
        sa.CheckConstraint("grain IN ('D', 'M')", name=op.f("ck_saving_cell_grain")),
        sa.CheckConstraint("level IN ('R', 'S', 'U')", name=op.f("ck_saving_cell_level")),
        sa.PrimaryKeyConstraint(
            "grain", "level", "dim", "period", "place", "service", "channel", "value", name=op.f("pk_saving_cell")
        ),
    )
    op.create_index(
        "ix_saving_cell_empty", "saving_cell", ["grain"], unique=False, postgresql_where=sa.text("errands = 0")
    )
    op.create_table(
        "saving_profile",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("rurality", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "since", name=op.f("pk_saving_profile")),
    )
    op.create_table(
        "saving_reason_cell",
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("period", "state", "service", "reason", name=op.f("pk_saving_reason_cell")),
    )
    op.create_index(
        "ix_saving_reason_cell_empty",
        "saving_reason_cell",
        ["period"],
        unique=False,
        postgresql_where=sa.text("times = 0"),
    )
    op.create_table(
        "saving_region",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_saving_region")),
    )
    op.create_table(
        "saving_ticket_cell",
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        *_sums(
            "tickets",
            "walk_ins",
            "waited",
            "wait_seconds",
            "wait_seconds_sq",
            "attended",
            "service_seconds",
            "service_seconds_sq",
            "gave_up",
        ),
        sa.CheckConstraint("level IN ('R', 'S', 'U')", name=op.f("ck_saving_ticket_cell_level")),
        sa.PrimaryKeyConstraint(
            "level", "period", "place", "service", "weekday", "hour", name=op.f("pk_saving_ticket_cell")
        ),
    )
    op.create_index(
        "ix_saving_ticket_cell_empty",
        "saving_ticket_cell",
        ["level"],
        unique=False,
        postgresql_where=sa.text("tickets = 0"),
    )
    op.create_table(
        "saving_window",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("days BETWEEN 0 AND 366", name=op.f("ck_saving_window_days")),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_saving_window")),
    )
    op.create_table(
        "ticket",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_person", "ticket", ["person_id", "service"], unique=False)
    op.add_column("postal_code", sa.Column("is_rural", sa.Boolean(), nullable=True))

    # A grain goes with its levels and dims: told apart, the planner thinks a question reads a large part of the table.
    op.execute("CREATE STATISTICS saving_cell_kinds (mcv) ON grain, level, dim FROM saving_cell")
    for region, states in REGIONS.items():
        for state in states:
            op.execute(sa.text("INSERT INTO saving_region VALUES (:s, :r)").bindparams(s=state, r=region))
    for service, days, source in WINDOWS:
        row = sa.text("INSERT INTO saving_window VALUES (:service, :days, :source)")
        op.execute(row.bindparams(service=service, days=days, source=source))


def downgrade() -> None:
    op.drop_column("postal_code", "is_rural")
    for table in TABLES:
        op.drop_table(table)
