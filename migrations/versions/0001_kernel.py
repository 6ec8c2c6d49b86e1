"""Event log and its consumers, idempotency keys, failure counters, the installation's identity, and the job queue."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate import PsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel import clock
from app.kernel.events import MONTHS_AHEAD, Xid8, create_partition_sql, months_from

revision = "0001_kernel"
down_revision = None

AWARE = sa.DateTime(timezone=True)

# An idle lane must not read another lane's backlog.
LANE_INDEX = """
    CREATE INDEX ix_procrastinate_jobs_lane ON procrastinate_jobs (queue_name, priority DESC, id)
    WHERE status = 'todo'
"""
FAILED_INDEX = "CREATE INDEX ix_procrastinate_jobs_failed ON procrastinate_jobs (id) WHERE status = 'failed'"
# The queue library has no downgrade: whatever carries its name belongs to it.
DROP_JOB_QUEUE = """
    DO $$ DECLARE item record; BEGIN
        FOR item IN SELECT tablename FROM pg_tables
            WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate%' LOOP
            EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', item.tablename);
        END LOOP;
        FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p
            JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = current_schema() AND p.proname LIKE 'procrastinate%' LOOP
            EXECUTE 'DROP FUNCTION IF EXISTS ' || item.name || ' CASCADE';
        END LOOP;
        FOR item IN SELECT t.typname AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE n.nspname = current_schema() AND t.typname LIKE 'procrastinate%' AND t.typtype IN ('e', 'c') LOOP
            EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', item.name);
        END LOOP;
    END $$
"""


def upgrade() -> None:
    _event_log()
    _consumers()
    _edge()
    _installation()
    _job_queue()


def _event_log() -> None:
    """Create the log, partitioned by month of the events' UUIDv7, and the positions that consumers read by."""
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", AWARE, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("service", sa.Text()),
        sa.Column("service_version", sa.Integer()),
        sa.Column("seconds", sa.Double()),
        sa.Column("device", sa.Text()),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_event_xid", "event", ["xid", "id"])
    op.create_index("ix_event_subject", "event", ["subject_id", "id"])
    op.execute("CREATE TABLE event_default PARTITION OF event DEFAULT")
    for year, month in months_from(clock.now(), MONTHS_AHEAD):
        op.execute(create_partition_sql(year, month))
    op.create_table(
        "event_position",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_event_position"),
        sa.UniqueConstraint("event_id", name="uq_event_position_event_id"),
    )
    op.create_table(
        "event_sequencer",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.Text()),
        sa.Column("origin", sa.Text()),
        sa.Column("updated_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_sequencer"),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_sequencer_one")),
    )
    op.execute("INSERT INTO event_sequencer (id, position, updated_at) VALUES (1, 0, now())")


def _consumers() -> None:
    """Create how far each consumer has read, and the events that one could not process."""
    op.create_table(
        "event_consumer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("partitions", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("stop_at", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", AWARE),
        sa.Column("updated_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("name", "partition", name="pk_event_consumer"),
    )
    op.create_table(
        "dead_letter_event",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failed_at", AWARE, nullable=False),
        sa.Column("retry_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_dead_letter_event"),
    )


def _edge() -> None:
    """Create the stored answers of idempotency keys, and the counters that slow down guessing."""
    op.create_table(
        "idempotency_key",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
    op.create_table(
        "failure_counter",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("counted_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", name="pk_failure_counter"),
    )
    op.create_index("ix_failure_counter_expires_at", "failure_counter", ["expires_at"])


def _installation() -> None:
    """Create the row that names the installation, and the note of the database's time that workers share."""
    op.create_table(
        "installation",
        sa.Column("is_only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("is_only", name="pk_installation"),
        sa.CheckConstraint("is_only", name=op.f("ck_installation_only_one")),
    )
    op.execute("INSERT INTO installation DEFAULT VALUES")
    op.create_table(
        "clock_reading",
        sa.Column("id", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("observed_at", AWARE, nullable=False),
        sa.Column("stable_since", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock_reading"),
        sa.CheckConstraint("id", name=op.f("ck_clock_reading_one_row")),
    )


def _job_queue() -> None:
    """Create the queue library's own schema, and the indexes that its lanes need."""
    _run_script(SchemaManager(PsycopgConnector()).get_schema())
    op.execute(LANE_INDEX)
    op.execute(FAILED_INDEX)


def _run_script(script: str) -> None:
    """Run a script through the driver itself: it may hold % signs and many statements."""
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(script)


def downgrade() -> None:
    _run_script(DROP_JOB_QUEUE)
    for table in (
        "clock_reading",
        "installation",
        "failure_counter",
        "idempotency_key",
        "dead_letter_event",
        "event_consumer",
        "event_sequencer",
        "event_position",
        "event",
    ):
        op.drop_table(table)
