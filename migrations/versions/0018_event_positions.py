"""Positions of the event log that survive another server, and consumers that read by them.

Events that are there get their positions in the order in which they were followed before; followers go on where they
were.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.facts import Xid8

revision = "0018_event_positions"
down_revision = "0017_appointment_rules"

# History written by a demonstration belonged to a transaction before any other, and followers were led past it.
HISTORY = "xid = '1'"


def upgrade() -> None:
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
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_sequencer_one")),
        sa.PrimaryKeyConstraint("id", name="pk_event_sequencer"),
    )
    op.create_table(
        "event_consumer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("partitions", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("stop_at", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "partition", name="pk_event_consumer"),
    )
    op.execute(
        "INSERT INTO event_position (position, event_id)"
        f" SELECT row_number() OVER (ORDER BY e.xid, e.id) - (SELECT count(*) FROM event WHERE {HISTORY}), e.id"
        " FROM event e"
    )
    # Without a snapshot, the first time compares all: nothing committed meanwhile is left out.
    op.execute(
        "INSERT INTO event_sequencer (id, position, updated_at)"
        " SELECT 1, greatest(coalesce(max(position), 0), 0), now() FROM event_position"
    )
    op.execute(
        "INSERT INTO event_consumer (name, partition, partitions, position, updated_at)"
        " SELECT f.name, 0, 1, coalesce((SELECT max(p.position) FROM event_position p JOIN event e ON e.id = p.event_id"
        " WHERE (e.xid, e.id) <= (f.xid, f.event_id)), 0), f.updated_at FROM follower f"
    )
    op.drop_table("follower")


def downgrade() -> None:
    op.create_table(
        "follower",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("'0'"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_follower"),
    )
    op.execute(
        "INSERT INTO follower (name, xid, event_id, updated_at) SELECT c.name, coalesce(e.xid, '0'),"
        " coalesce(e.id, '00000000-0000-0000-0000-000000000000'), c.updated_at"
        " FROM (SELECT name, min(position) AS position, max(updated_at) AS updated_at FROM event_consumer GROUP BY 1) c"
        " LEFT JOIN event_position p ON p.position = c.position LEFT JOIN event e ON e.id = p.event_id"
    )
    for table in ("event_consumer", "event_sequencer", "event_position"):
        op.drop_table(table)
