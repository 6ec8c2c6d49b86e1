"""Clients of other systems with their credentials and access tokens, and personal tokens of staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0031_clients"
down_revision = "0030_templates"

AWARE = sa.DateTime(timezone=True)
ROLE = "(reader_kind = 'citizen') = (role = 'representative')"


def upgrade() -> None:
    _create_clients()
    _create_tokens()
    for name, rule in (
        ("reader_kind", "reader_kind IN ('staff', 'citizen', 'client')"),
        ("role", f"{ROLE} AND (reader_kind = 'client') = (role = 'client')"),
    ):
        op.drop_constraint(op.f(f"ck_personal_data_view_{name}"), "personal_data_view")
        op.create_check_constraint(op.f(f"ck_personal_data_view_{name}"), "personal_data_view", rule)


def _create_clients() -> None:
    op.create_table(
        "api_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("unit_ids", ARRAY(sa.Uuid())),
        sa.Column("per_minute", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE),
        sa.Column("revoked_at", AWARE),
        sa.Column("last_used_at", AWARE),
        sa.Column("window_at", AWARE),
        sa.Column("window_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("per_minute > 0", name=op.f("ck_api_client_per_minute")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_api_client_scopes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
    )
    op.create_table(
        "api_credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("jwk", JSONB()),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("last_used_at", AWARE),
        sa.Column("revoked_at", AWARE),
        sa.CheckConstraint("kind IN ('secret', 'key')", name=op.f("ck_api_credential_kind")),
        sa.CheckConstraint("(kind = 'secret') = (digest IS NOT NULL)", name=op.f("ck_api_credential_digest")),
        sa.CheckConstraint("(kind = 'key') = (jwk IS NOT NULL)", name=op.f("ck_api_credential_jwk")),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_credential_client_id_api_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_credential")),
    )
    op.create_index("ix_api_credential_client_id", "api_credential", ["client_id"])


def _create_tokens() -> None:
    op.create_table(
        "api_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_token_client_id_api_client")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["api_credential.id"], name=op.f("fk_api_token_credential_id_api_credential")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_api_token")),
    )
    for column in ("expires_at", "client_id", "credential_id"):
        op.create_index(op.f(f"ix_api_token_{column}"), "api_token", [column])
    op.create_table(
        "client_assertion",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti_digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name=op.f("fk_client_assertion_client_id_api_client")
        ),
        sa.PrimaryKeyConstraint("client_id", "jti_digest", name=op.f("pk_client_assertion")),
    )
    op.create_index(op.f("ix_client_assertion_expires_at"), "client_assertion", ["expires_at"])
    op.create_table(
        "personal_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("staff_version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("last_used_at", AWARE),
        sa.Column("revoked_at", AWARE),
        sa.CheckConstraint("expires_at <= created_at + interval '366 days'", name=op.f("ck_personal_token_expires_at")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_personal_token_scopes")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_personal_token_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_token")),
    )
    op.create_index("uq_personal_token_digest", "personal_token", ["digest"], unique=True)
    op.create_index(op.f("ix_personal_token_staff_id"), "personal_token", ["staff_id"])


def downgrade() -> None:
    op.execute("DELETE FROM personal_data_view WHERE reader_kind = 'client'")
    for name, rule in (
        ("reader_kind", "reader_kind IN ('staff', 'citizen')"),
        ("role", ROLE),
    ):
        op.drop_constraint(op.f(f"ck_personal_data_view_{name}"), "personal_data_view")
        op.create_check_constraint(op.f(f"ck_personal_data_view_{name}"), "personal_data_view", rule)
    for table in ("personal_token", "client_assertion", "api_token", "api_credential", "api_client"):
        op.drop_table(table)
