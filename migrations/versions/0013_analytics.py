"""Tables to be read by the data team: documented views in a schema of their own, and a role that reads nothing else.

The views show sums, never people: no id of a person or an event, and of units only rows of ten people or more. They
stand on columns of other tables; a migration that changes one of those drops its view first and makes it again.
"""

from collections.abc import Iterator

from alembic import op

revision = "0013_analytics"
down_revision = "0012_savings"

READER = "ventanilla_reader"

TRANSACTIONS = {
    "transactions": "rows behind the sums, whatever they are",
    "started": "transactions begun",
    "completed": "transactions that ended with what was asked for",
    "counted": "completed online, neither a repeat nor followed by a visit for the same: may save",
    "repeats": "completed again within the service's window: save nothing",
    "followed_by_visit": "completed, and yet the person came for the same",
    "refused": "transactions that ended with a refusal",
    "abandoned": "transactions withdrawn, lapsed, discarded or abandoned",
    "by_rules": "decided by rules, at once",
    "late": "decided after the day they were due",
    "observed": "transactions whose active time the portal saw",
    "online": "transactions begun online",
    "seconds": "active seconds people spent online, in whatever it ended",
    "seconds_sq": "sum of the squares of each transaction's seconds",
    "visits": "visits that were needed all the same",
    "located": "counted transactions whose distance is known",
    "metres": "sum of those distances, one way",
    "decided": "requests decided",
    "decide_hours": "hours from handing in to the decision, summed",
    "decide_hours_sq": "sum of the squares of those hours",
    "asked": "people who answered what they would have done instead",
    "would_have_visited": "of those, who would have visited in person",
    "rated": "people who said how satisfied they are, 1 to 5",
    "rating": "sum of those answers",
    "rating_sq": "sum of the squares of those answers",
    "attended": "appointments the person came to",
    "missed": "appointments that were missed",
    "people": "people with a transaction of the service in the period; of several services, at least the most",
}
TICKETS = {
    "tickets": "people who arrived at the desk or checked in",
    "walk_ins": "of those, without an appointment",
    "waited": "tickets whose wait is known: from arrival to attention",
    "wait_seconds": "sum of those waits",
    "wait_seconds_sq": "sum of their squares",
    "attended": "tickets whose attention is known: from its beginning to leaving",
    "service_seconds": "sum of those attentions",
    "service_seconds_sq": "sum of their squares",
    "gave_up": "people who left without being attended",
}
COLUMNS = {
    "amount": "the sum; means are of a rounded number of observations",
    "channel": "how it was begun: web, api, desk or phone; empty when only a desk reported it",
    "clues": "key of the unit in the health ministry's catalogue",
    "confidence": "measured, official, study, press or assumption",
    "days": "days to the third free time; empty when there was no third in the book",
    "segment": "the quality: device, age, sex, rurality or language",
    "distribution": "pert, beta, normal or fixed",
    "family": "numbers that are read from the same observations, by the name of their first metric",
    "high": "pert: the most; beta: failures; normal: standard error; fixed: empty",
    "hour": "0 to 23",
    "key": "the parameter",
    "kind": "kind of transaction: the scope whose parameters count for it",
    "low": "pert: the least; otherwise empty",
    "measure": "what is summed: a name of the other tables' sums, or online, phone and in_person of the mix",
    "month": "first day of the month",
    "name_en": "its name in English",
    "name_es": "its name in Spanish",
    "note": "why it was made",
    "place": "unit, state or region; empty for the country",
    "price_year": "year whose pesos it is in; empty unless it is money",
    "reason": "key of the reason, as the service's rules name it",
    "region": "name of the region",
    "sample": "observations a measured parameter rests on",
    "scope": "service, kind of transaction, or a year for inpc; empty for all",
    "service": "key of the service",
    "source": "where it comes from",
    "state": "key of the state as in CLUES, two letters; empty where it isn't known",
    "times": "decisions that gave it",
    "unit": "what the parameter is counted in",
    "unit_id": "id of the unit",
    "weekday": "1 Monday to 7 Sunday",
}
# Columns that mean another thing in these views.
OTHERWISE = {
    "daily.day": "day by the clock of the unit",
    "segments.segment_value": "its value; unknown where it wasn't known",
    "access.day": "day of the reading",
    "parameters.version": "version of the parameters",
    "parameters.value": "pert: the likeliest; beta: successes; normal: mean; fixed: the value",
    "versions.version": "version of the parameters",
    "versions.published_at": "since when it is in force",
    "services.version": "version of the service's file",
    "services.published_at": "since when it was offered",
    "released.dimension": "what services are parted by: place, unit, channel, device, age, sex, rurality or language",
    "released.kind": "kind of transaction; * for all that is not released apart",
    "released.service": "key of the service; * for all of the kind that is not released apart",
    "released.region": "region of the country; * for all that is not released apart, empty in other dimensions",
    "released.state": "key of the state as in CLUES, two letters; * for all of the region that is not released apart",
    "released.clues": (
        "key of the unit in the health ministry's catalogue; * for all of the state that is not released apart"
    ),
    "released.dimension_value": "channel or value of the quality; * for all that is not released apart",
    "released_services.kind": "kind of transaction; * for all that is not released apart",
    "released_services.service": "key of the service; * for all of the kind that is not released apart",
}
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
MEANINGS = {
    "cells": (
        "Transactions by month. Sums of transactions by month, state, service and channel. A transaction is in the"
        " month in which"
        " it ended, or began if it is still open."
    ),
    "daily": (
        "Transactions by day. Sums of transactions by day, state, service and channel. The days of a month add up to"
        " `cells`,"
        " but for `people`."
    ),
    "segments": (
        "Transactions by month and one further quality. Sums as in `cells`, parted by one quality of the people. The"
        " values of a quality add up to `cells`."
    ),
    "tickets": (
        "Visits in person by month. Sums of desk tickets by month of arrival, state and service: waits and attention"
        " as measured in person."
    ),
    "reasons": (
        "Reasons for refusals. How often each reason was given for a refusal, or the answer that a complaint is not"
        " ours. One may have more."
    ),
    "access": (
        "Third next available appointment. How far off the third free time was, read once a day: the first may be a"
        " chance cancellation."
    ),
    "parameters": (
        "Parameters of published versions. What the measurement assumes, each as a distribution with its source. The"
        " narrowest row counts: by service, then by kind of transaction, then by place."
    ),
    "regions": "Regions of the country. The region each state belongs to, as parameters may differ by region.",
    "versions": (
        "Published versions of the parameters. When each version came into force. A published version never changes."
    ),
    "services": (
        "Services offered. Every version of every service's file. Appointments have none: they are no services of the"
        " catalogue."
    ),
    "units": (
        "Transactions by month and unit. Sums of transactions by month, unit, service and channel. Rows of fewer than"
        " ten"
        " people are left out."
    ),
    "waits": (
        "Visits in person by unit, weekday and hour. Sums of desk tickets by month, unit, service, weekday and hour"
        " of arrival on the unit's clock. Rows of fewer than ten people are left out."
    ),
    "released": (
        "What is released to the public. Sums of the blocks that public answers are computed from. Each count is"
        " zero or of at least ten people. Blocks of one family and dimension add up; of two dimensions they are the"
        " same observations."
    ),
    "released_services": (
        "What is released of each service in the country. Sums of the blocks of `released` over all places, also"
        " where no finer place is released. Nothing is in it that is not in `released`."
    ),
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
    """The schema and its views, each with what it means."""
    yield "CREATE SCHEMA analytics"
    yield f"COMMENT ON SCHEMA analytics IS {_quoted(__doc__.splitlines()[0])}"
    for name, query in VIEWS.items():
        yield f"CREATE VIEW analytics.{name} AS {query.format(E=', '.join(TRANSACTIONS), T=', '.join(TICKETS))}"
        yield f"COMMENT ON VIEW analytics.{name} IS {_quoted(MEANINGS[name])}"


def meaning(view: str, column: str) -> str:
    """What a column of a view means."""
    sums = TICKETS if view in {"tickets", "waits"} else TRANSACTIONS
    return OTHERWISE.get(f"{view}.{column}") or COLUMNS.get(column) or sums[column]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def upgrade() -> None:
    here = op.get_bind()
    for statement in (*view_statements(), *reader_statements()):
        here.exec_driver_sql(statement)
    columns = here.exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'analytics'"
    )
    for view, column in columns.all():
        here.exec_driver_sql(f"COMMENT ON COLUMN analytics.{view}.{column} IS {_quoted(meaning(view, column))}")


def downgrade() -> None:
    """The role stays: other databases of the server may use it."""
    op.execute("DROP SCHEMA analytics CASCADE")
