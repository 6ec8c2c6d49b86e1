"""The ground: event log, followers, idempotency keys, counters, and the job queue's own tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate import PsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel import clock
from app.kernel.facts import Xid8
from app.kernel.partitions import MONTHS_AHEAD, months_from, partition_of

revision = "0001_kernel"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("service", sa.Text()),
        sa.Column("service_version", sa.Integer()),
        sa.Column("seconds", sa.Float()),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_event_follow", "event", ["xid", "id"])
    op.create_index("ix_event_subject", "event", ["subject_id", "id"])
    op.execute("CREATE TABLE event_default PARTITION OF event DEFAULT")
    for year, month in months_from(clock.now(), MONTHS_AHEAD):
        op.execute(partition_of(year, month))
    op.create_table(
        "follower",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("'0'"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_follower"),
    )
    op.create_table(
        "parked_event",
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("follower", "event_id", name="pk_parked_event"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
    op.create_table(
        "rate_counter",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", "window_start", name="pk_rate_counter"),
    )
    _create_job_queue()


def _create_job_queue() -> None:
    """The queue library's own schema. Through the driver itself: the script holds % signs and many statements."""
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(SchemaManager(PsycopgConnector()).get_schema())


def downgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(
        """
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
    )
    for table in ("rate_counter", "idempotency_key", "parked_event", "follower", "event"):
        op.drop_table(table)
