"""Accounts and mandates of citizens, staff, one-time codes, sessions and tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002_identity"
down_revision = "0001_kernel"

AWARE = sa.DateTime(timezone=True)
LEVELS = "assurance IN ('low', 'full')"
OF_PERSON = "(person_id IS NULL) = (assurance IS NULL)"


def upgrade() -> None:
    _citizens()
    _staff()
    _sessions()


def _citizens() -> None:
    """Create accounts, contacts and mandates; without foreign keys to people, whose table is of a room above."""
    op.create_table(
        "account",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("curp", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("language", sa.Text(), server_default=sa.text("'es'"), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("assurance", sa.Text(), server_default=sa.text("'low'"), nullable=False),
        sa.Column("frozen_at", AWARE),
        sa.Column("settled_until", AWARE),
        sa.PrimaryKeyConstraint("person_id", name="pk_account"),
        sa.CheckConstraint(LEVELS, name=op.f("ck_account_assurance")),
    )
    op.create_table(
        "former_contact",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("replaced_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name="pk_former_contact"),
        sa.CheckConstraint(LEVELS, name=op.f("ck_former_contact_assurance")),
    )
    op.create_index("ix_former_contact_replaced_at", "former_contact", ["replaced_at"])
    op.create_table(
        "mandate",
        sa.Column("grantor_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid()),
        sa.Column("delegate_curp", sa.Text(), nullable=False),
        sa.Column("services", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("granted_at", AWARE, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("revoked_at", AWARE),
        sa.PrimaryKeyConstraint("grantor_id", "id", name="pk_mandate"),
        sa.CheckConstraint("grantor_id <> delegate_id", name=op.f("ck_mandate_not_oneself")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_mandate_dates_in_order")),
    )
    op.create_index("ix_mandate_delegate_id", "mandate", ["delegate_id"])
    op.create_index("ix_mandate_waiting", "mandate", ["delegate_curp"], postgresql_where=sa.text("delegate_id IS NULL"))


def _staff() -> None:
    """Create members of staff, where they work, and the links they set themselves up with."""
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("totp_secret_encrypted", sa.LargeBinary()),
        sa.Column("totp_step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("all_units", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("username", name="uq_staff_username"),
        sa.CheckConstraint(
            "role IN ('receptionist', 'officer', 'supervisor', 'analyst', 'admin')", name=op.f("ck_staff_role")
        ),
    )
    op.create_table(
        "staff_unit",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "unit_id", name="pk_staff_unit"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_unit_staff_id_staff"),
    )
    op.create_table(
        "staff_setup_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sets_password", sa.Boolean(), nullable=False),
        sa.Column("totp_secret_encrypted", sa.LargeBinary()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("used_at", AWARE),
        sa.PrimaryKeyConstraint("digest", name="pk_staff_setup_link"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_setup_link_staff_id_staff"),
    )
    op.create_index("ix_staff_setup_link_staff_id", "staff_setup_link", ["staff_id"])


def _sessions() -> None:
    """Create one-time codes, sessions, forms stored for a session to come, and tokens."""
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("curp", sa.Text()),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary()),
        sa.Column("ciphertext", sa.LargeBinary()),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("used_at", AWARE),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_code"),
        sa.CheckConstraint(
            "purpose IN ('sign-in', 'registry', 'enrol', 'open', 'contact', 'confirm', 'desk')",
            name=op.f("ck_sign_in_code_purpose"),
        ),
    )
    op.create_index("ix_sign_in_code_expires_at", "sign_in_code", ["expires_at"])
    op.create_index("ix_sign_in_code_person_id", "sign_in_code", ["person_id"])
    op.create_table(
        "web_session",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("seen_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("active_seconds", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_active_at", AWARE),
        sa.Column("device", sa.Text()),
        sa.Column("assurance", sa.Text()),
        sa.Column("signed_in_by", sa.Text()),
        sa.PrimaryKeyConstraint("token_digest", name="pk_web_session"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_web_session_staff_id_staff"),
        sa.CheckConstraint("person_id IS NULL OR staff_id IS NULL", name=op.f("ck_web_session_one_owner")),
        sa.CheckConstraint(LEVELS, name=op.f("ck_web_session_assurance")),
        sa.CheckConstraint(OF_PERSON, name=op.f("ck_web_session_assurance_of_person")),
    )
    op.create_index("ix_web_session_expires_at", "web_session", ["expires_at"])
    op.create_index(
        "ix_web_session_person_id", "web_session", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL")
    )
    op.create_index(
        "ix_web_session_staff_id", "web_session", ["staff_id"], postgresql_where=sa.text("staff_id IS NOT NULL")
    )
    op.create_table(
        "stored_form",
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("is_response", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("owner", "page", name="pk_stored_form"),
        sa.CheckConstraint("octet_length(ciphertext) <= 262144", name=op.f("ck_stored_form_size")),
    )
    op.create_index("ix_stored_form_expires_at", "stored_form", ["expires_at"])
    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("assurance", sa.Text()),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("created_at", AWARE, nullable=False),
        sa.Column("expires_at", AWARE, nullable=False),
        sa.Column("family_ends_at", AWARE, nullable=False),
        sa.Column("used_at", AWARE),
        sa.Column("revoked_at", AWARE),
        sa.PrimaryKeyConstraint("digest", name="pk_refresh_token"),
        sa.CheckConstraint(LEVELS, name=op.f("ck_refresh_token_assurance")),
        sa.CheckConstraint(OF_PERSON, name=op.f("ck_refresh_token_assurance_of_person")),
    )
    op.create_index("ix_refresh_token_expires_at", "refresh_token", ["expires_at"])
    op.create_index("ix_refresh_token_family_id", "refresh_token", ["family_id"])
    op.create_index("ix_refresh_token_staff_id", "refresh_token", ["staff_id"])
    op.create_table(
        "token_revocation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("before", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_token_revocation"),
    )
    op.create_index("ix_token_revocation_before", "token_revocation", ["before"])


def downgrade() -> None:
    for table in (
        "token_revocation",
        "refresh_token",
        "stored_form",
        "web_session",
        "sign_in_code",
        "staff_setup_link",
        "staff_unit",
        "staff",
        "mandate",
        "former_contact",
        "account",
    ):
        op.drop_table(table)
