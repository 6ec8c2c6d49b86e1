"""Who saw whose data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031_access_log"
down_revision = "0030_unaddressed_notice"


def upgrade() -> None:
    op.create_table(
        "personal_data_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reader_kind", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("contexts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.CheckConstraint("reader_kind IN ('staff', 'citizen')", name=op.f("ck_personal_data_view_reader_kind")),
        sa.CheckConstraint(
            "(reader_kind = 'citizen') = (role = 'representative')", name=op.f("ck_personal_data_view_role")
        ),
        sa.CheckConstraint("person_id <> reader_id", name=op.f("ck_personal_data_view_another")),
        sa.CheckConstraint("cardinality(contexts) > 0", name=op.f("ck_personal_data_view_contexts")),
        sa.CheckConstraint(
            "mod(CAST(extract(epoch FROM hour) AS bigint), 3600) = 0", name=op.f("ck_personal_data_view_whole_hour")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_data_view")),
        sa.UniqueConstraint(
            "person_id", "hour", "reader_id", name=op.f("uq_personal_data_view_person_id_hour_reader_id")
        ),
    )
    op.create_index("ix_personal_data_view_reader_id_id", "personal_data_view", ["reader_id", "id"])


def downgrade() -> None:
    op.drop_table("personal_data_view")
