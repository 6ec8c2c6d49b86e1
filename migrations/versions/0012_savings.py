"""What people saved: what is assumed, transactions and tickets as observed, their sums, and what was released."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012_savings"
down_revision = "0011_notifications"

AWARE = sa.DateTime(timezone=True)

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
    ("*", 30, "Assumption: a transaction seldom comes back within a month by itself"),
    ("family-medicine", 1, "Assumption: booking again within a day, after cancelling, is one trip for a ticket saved"),
    ("dental", 1, "Assumption: as for family medicine"),
    ("preventive", 1, "Assumption: as for family medicine"),
    ("window", 1, "Assumption: as for family medicine"),
    ("appointment-move", 1, "Assumption: moving the same appointment twice in a day is one trip saved"),
    ("appointment-cancel", 1, "Assumption: as for moving"),
)
# Period type, geography and segment depend on each other: taken as independent, a query seems to read a large part of
# the table.
CELL_KINDS = "CREATE STATISTICS saving_cell_kinds (mcv) ON period_type, geography, segment FROM saving_cell"
RELEASE_IS_FINAL = """
    CREATE FUNCTION saving_release_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what was released to the public is final' USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
RELEASED = ("saving_release", "saving_released_block")
BLOCK_KEY = ("family", "dimension", "period", "kind", "service", "region", "state", "unit", "dimension_value")


def upgrade() -> None:
    _assumed()
    _observed()
    _sums()
    _released()


def _assumed() -> None:
    """Create regions, repeat windows, versions of the figures, and reports made with them."""
    saving_region = op.create_table(
        "saving_region",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_saving_region"),
    )
    regions = [{"state": state, "region": region} for region, states in REGIONS.items() for state in states]
    op.bulk_insert(saving_region, regions)
    saving_window = op.create_table(
        "saving_window",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service", name="pk_saving_window"),
        sa.CheckConstraint("days BETWEEN 0 AND 366", name=op.f("ck_saving_window_days")),
    )
    windows = [{"service": service, "days": days, "source": source} for service, days, source in WINDOWS]
    op.bulk_insert(saving_window, windows)
    op.create_table(
        "baseline",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("published_at", AWARE),
        sa.Column("published_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("version", name="pk_baseline"),
    )
    op.create_index(
        "uq_baseline_draft",
        "baseline",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "parameter",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("distribution", sa.Text(), nullable=False),
        sa.Column("low", sa.Double()),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("high", sa.Double()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_year", sa.SmallInteger()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("sample", sa.Integer()),
        sa.PrimaryKeyConstraint("version", "key", "scope", "place", name="pk_parameter"),
        sa.ForeignKeyConstraint(["version"], ["baseline.version"], name="fk_parameter_version_baseline"),
        sa.CheckConstraint(
            "distribution IN ('pert', 'beta', 'normal', 'fixed')", name=op.f("ck_parameter_distribution")
        ),
        sa.CheckConstraint(
            "distribution <> 'pert' OR (low <= value AND value <= high AND low < high)", name=op.f("ck_parameter_pert")
        ),
        sa.CheckConstraint("distribution <> 'beta' OR (value > 0 AND high > 0)", name=op.f("ck_parameter_beta")),
        sa.CheckConstraint("distribution <> 'normal' OR high >= 0", name=op.f("ck_parameter_normal")),
        sa.CheckConstraint(
            "confidence IN ('measured', 'official', 'study', 'press', 'assumption')",
            name=op.f("ck_parameter_confidence"),
        ),
        sa.CheckConstraint("unit <> 'MXN' OR price_year IS NOT NULL", name=op.f("ck_parameter_money_has_a_year")),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 1000", name=op.f("ck_parameter_source")),
    )
    op.create_table(
        "saving_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("result", JSONB(), nullable=False),
        sa.Column("published_at", AWARE, nullable=False),
        sa.Column("published_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_saving_report"),
        sa.ForeignKeyConstraint(["version"], ["baseline.version"], name="fk_saving_report_version_baseline"),
        sa.CheckConstraint("until >= since", name=op.f("ck_saving_report_dates_in_order")),
    )


def _observed() -> None:
    """Create transactions and tickets as folded from the event log, and people by group."""
    op.create_table(
        "saving_profile",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("rurality", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.PrimaryKeyConstraint("person_id", "since", name="pk_saving_profile"),
    )
    op.create_table(
        "service_transaction",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("counts_as", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", AWARE, nullable=False),
        sa.Column("submitted_at", AWARE),
        sa.Column("ended_at", AWARE),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("first_event", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("rurality", sa.Text(), nullable=False),
        sa.Column("unit_event", sa.Uuid()),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("metres", sa.Integer()),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("visits", sa.SmallInteger(), nullable=False),
        sa.Column("outcome_event", sa.Uuid()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("by_rules", sa.Boolean(), nullable=False),
        sa.Column("due_event", sa.Uuid()),
        sa.Column("due_on", sa.Date()),
        sa.Column("hold_id", sa.Uuid()),
        sa.Column("survey_event", sa.Uuid()),
        sa.Column("would_have_visited", sa.Boolean()),
        sa.Column("satisfaction", sa.SmallInteger()),
        sa.Column("attendance_event", sa.Uuid()),
        sa.Column("attendance", sa.Text()),
        sa.Column("is_absorbed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_followed_by_visit", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_first_of_month", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_first_of_week", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_first_of_day", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'America/Mexico_City'"), nullable=False),
        sa.Column("hold_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "service", "id", name="pk_service_transaction"),
        sa.CheckConstraint(
            "outcome IN ('open', 'completed', 'refused', 'abandoned')", name=op.f("ck_service_transaction_outcome")
        ),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_service_transaction_seconds")),
    )
    op.create_index("ix_service_transaction_day", "service_transaction", ["day"])
    op.create_index("ix_service_transaction_unit_day", "service_transaction", ["unit_id", "day"])
    op.create_table(
        "ticket",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", AWARE),
        sa.Column("called_at", AWARE),
        sa.Column("served_at", AWARE),
        sa.Column("left_at", AWARE),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("unit_id", "id", name="pk_ticket"),
    )
    op.create_index("ix_ticket_person", "ticket", ["person_id", "service"])


def _sums() -> None:
    """Create the sums of what was observed."""
    op.create_table(
        "saving_cell",
        sa.Column("period_type", sa.Text(), nullable=False),
        sa.Column("geography", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("segment_value", sa.Text(), nullable=False),
        *_totals(
            "transactions",
            "started",
            "completed",
            "counted",
            "repeats",
            "followed_by_visit",
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
            "would_have_visited",
            "rated",
            "rating",
            "rating_sq",
            "attended",
            "missed",
            "people",
        ),
        sa.PrimaryKeyConstraint(
            "period_type",
            "geography",
            "segment",
            "period",
            "place",
            "service",
            "channel",
            "segment_value",
            name="pk_saving_cell",
        ),
        sa.CheckConstraint("period_type IN ('D', 'W', 'M')", name=op.f("ck_saving_cell_period_type")),
        sa.CheckConstraint("geography IN ('R', 'S', 'U')", name=op.f("ck_saving_cell_geography")),
    )
    op.execute(CELL_KINDS)
    op.create_index(
        "ix_saving_cell_empty", "saving_cell", ["period_type"], postgresql_where=sa.text("transactions = 0")
    )
    op.create_table(
        "saving_reason_cell",
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("period", "state", "service", "reason", name="pk_saving_reason_cell"),
    )
    op.create_index(
        "ix_saving_reason_cell_empty", "saving_reason_cell", ["period"], postgresql_where=sa.text("times = 0")
    )
    op.create_table(
        "saving_ticket_cell",
        sa.Column("geography", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        *_totals(
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
        sa.PrimaryKeyConstraint(
            "geography", "period", "place", "service", "weekday", "hour", name="pk_saving_ticket_cell"
        ),
        sa.CheckConstraint("geography IN ('R', 'S', 'U')", name=op.f("ck_saving_ticket_cell_geography")),
    )
    op.create_index(
        "ix_saving_ticket_cell_empty", "saving_ticket_cell", ["geography"], postgresql_where=sa.text("tickets = 0")
    )
    op.create_table(
        "saving_access_reading",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer()),
        sa.PrimaryKeyConstraint("unit_id", "service", "on_date", name="pk_saving_access_reading"),
    )


def _released() -> None:
    """Create what is released to the public: the database refuses to change or delete it."""
    op.create_table(
        "saving_release",
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("is_suppressed", sa.Boolean(), nullable=False),
        sa.Column("released_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("family", "period", name="pk_saving_release"),
    )
    op.create_table(
        "saving_released_block",
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("dimension_value", sa.Text(), nullable=False),
        sa.Column("measures", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("amounts", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint(*BLOCK_KEY, name="pk_saving_released_block"),
    )
    op.execute(RELEASE_IS_FINAL)
    for table in RELEASED:
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION saving_release_is_final()"
        )


def _totals(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def downgrade() -> None:
    for table in (
        "saving_released_block",
        "saving_release",
        "saving_access_reading",
        "saving_ticket_cell",
        "saving_reason_cell",
        "saving_cell",
        "ticket",
        "service_transaction",
        "saving_profile",
        "saving_report",
        "parameter",
        "baseline",
        "saving_window",
        "saving_region",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION saving_release_is_final")
