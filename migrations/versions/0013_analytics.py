"""Tables to be read by the data team: documented views in a schema of their own, and a role that reads nothing else.

The views show sums, never people: no id of a person or an event, and of units only rows of ten people or more. They
stand on columns of other tables; a migration that changes one of those drops its view first and makes it again, and one
that adds a measure adds it to them too (`add_measure`). What each view and column means is written into its
comment whenever a database is prepared, so it needs no migration. Both are in `app/savings/export/views.py`.
"""

from collections.abc import Iterator

from alembic import op

revision = "0013_analytics"
down_revision = "0012_savings"

READER = "ventanilla_reader"

TRANSACTIONS = (
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
)
TICKETS = (
    "tickets",
    "walk_ins",
    "waited",
    "wait_seconds",
    "wait_seconds_sq",
    "attended",
    "service_seconds",
    "service_seconds_sq",
    "gave_up",
)
# {E} and {T} are the sums of transactions and of tickets.
VIEWS = {
    "cells": """
        SELECT period AS month, place AS state, service, channel, {E}
        FROM saving_cell WHERE period_type = 'M' AND geography = 'S' AND segment = ''
    """,
    "daily": """
        SELECT period AS day, place AS state, service, channel, {E}
        FROM saving_cell WHERE period_type = 'D' AND geography = 'S' AND segment = ''
    """,
    "segments": """
        SELECT period AS month, place AS state, service, channel, segment, segment_value, {E}
        FROM saving_cell WHERE period_type = 'M' AND geography = 'S' AND segment <> ''
    """,
    "tickets": "SELECT period AS month, place AS state, service, {T} FROM saving_ticket_cell WHERE geography = 'S'",
    "reasons": "SELECT period AS month, state, service, reason, times FROM saving_reason_cell",
    "access": """
        SELECT a.on_date AS day, u.clues, a.service, u.state_code AS state, a.days
        FROM saving_access_reading a JOIN unit u ON u.id = a.unit_id
    """,
    "parameters": """
        SELECT p.version, p.key, p.scope, p.place, p.distribution, p.low, p.value, p.high, p.unit, p.price_year,
            p.source, p.confidence, p.sample
        FROM parameter p JOIN baseline b ON b.version = p.version WHERE b.published_at IS NOT NULL
    """,
    "regions": "SELECT state, region FROM saving_region",
    "versions": "SELECT version, note, published_at FROM baseline WHERE published_at IS NOT NULL",
    "services": """
        SELECT service, version, definition->'name'->>'es' AS name_es, definition->'name'->>'en' AS name_en,
            definition->>'baseline' AS kind, published_at
        FROM service_version
    """,
    "units": """
        SELECT c.period AS month, c.place AS unit_id, c.service, c.channel, u.clues, u.state_code AS state, {E}
        FROM saving_cell c JOIN unit u ON u.id::text = c.place
        WHERE c.period_type = 'M' AND c.geography = 'U' AND c.people >= 10
    """,
    "waits": """
        SELECT c.period AS month, c.place AS unit_id, c.service, c.weekday, c.hour, u.clues, u.state_code AS state, {T}
        FROM saving_ticket_cell c JOIN unit u ON u.id::text = c.place WHERE c.geography = 'U' AND c.tickets >= 10
    """,
    "released": """
        SELECT b.period AS month, b.family, b.dimension, b.kind, b.service, b.region, b.state,
            coalesce(u.clues, b.unit) AS clues, b.dimension_value, m.measure, m.amount
        FROM saving_released_block b CROSS JOIN LATERAL unnest(b.measures, b.amounts) AS m (measure, amount)
        LEFT JOIN unit u ON u.id::text = b.unit
    """,
    # Sums of what is released already: nothing follows from them that didn't follow from `released`.
    "released_services": """
        SELECT b.period AS month, b.family, b.kind, b.service, m.measure, sum(m.amount)::bigint AS amount
        FROM saving_released_block b CROSS JOIN LATERAL unnest(b.measures, b.amounts) AS m (measure, amount)
        WHERE b.dimension = 'place' GROUP BY 1, 2, 3, 4, 5
    """,
}
# Roles are of the whole server. Another database may have made it already, and not everybody may make one.
_ROLE = """
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
            CREATE ROLE {role} NOLOGIN;
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            NULL;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'The role {role} could not be made: see docs/data.md';
    END $$
"""
# Views to come are for the reader as well.
_GRANT = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
            GRANT USAGE ON SCHEMA analytics TO {role};
            GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO {role};
            ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO {role};
        END IF;
    END $$
"""


def reader_statements(role: str = READER) -> Iterator[str]:
    """Make the role, if one may, and let it read the views, if it is there."""
    yield _ROLE.format(role=role)
    yield _GRANT.format(role=role)


def view_statements() -> Iterator[str]:
    """The schema and its views."""
    yield "CREATE SCHEMA analytics"
    for name, query in VIEWS.items():
        yield f"CREATE VIEW analytics.{name} AS {query.format(E=', '.join(TRANSACTIONS), T=', '.join(TICKETS))}"


def upgrade() -> None:
    here = op.get_bind()
    for statement in (*view_statements(), *reader_statements()):
        here.exec_driver_sql(statement)


def downgrade() -> None:
    """The role stays: other databases of the server may use it."""
    op.execute("DROP SCHEMA analytics CASCADE")
