"""Levels of assurance, contacts that an account had, tokens that ended, consents by CURP.

An account's level is full where its contact is the registry's, or where it only ever had codes of the desk: whoever
proved another contact may have known the registry's data alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_assurance"
down_revision = "0022_saving_local_days"

AWARE = sa.DateTime(timezone=True)
LEVELS = "assurance IN ('low', 'full')"
OF_PERSON = "(person_id IS NULL) = (assurance IS NULL)"
PURPOSES = "purpose IN ('sign-in', 'registry', 'enrol', 'contact', 'confirm', 'desk')"
FORMER_PURPOSES = "purpose IN ('sign-in', 'enrol', 'desk')"
ACCOUNTS = """
    UPDATE account a SET assurance = 'full' FROM person p WHERE p.id = a.person_id
        AND ((a.email IS NULL AND a.phone IS NULL) OR a.email = p.email OR a.phone = p.phone)
"""
HOLDERS = (
    "UPDATE {} s SET assurance = coalesce((SELECT assurance FROM account a WHERE a.person_id = s.person_id), 'low')"
)
UNIQUE = "uq_message_event_id_person_id_channel"


def upgrade() -> None:
    op.add_column("account", sa.Column("assurance", sa.Text(), server_default=sa.text("'low'"), nullable=False))
    op.add_column("account", sa.Column("frozen_at", AWARE))
    op.add_column("account", sa.Column("settled_until", AWARE))
    op.create_check_constraint(op.f("ck_account_assurance"), "account", LEVELS)
    op.execute(ACCOUNTS)
    for table in ("web_session", "refresh_token"):
        op.add_column(table, sa.Column("assurance", sa.Text()))
        op.execute(HOLDERS.format(table) + " WHERE s.person_id IS NOT NULL")
        op.create_check_constraint(op.f(f"ck_{table}_assurance"), table, LEVELS)
        op.create_check_constraint(op.f(f"ck_{table}_assurance_of_person"), table, OF_PERSON)
    op.add_column("web_session", sa.Column("signed_in_by", sa.Text()))
    _purposes(PURPOSES)
    _tables()
    op.add_column("mandate", sa.Column("agent_curp", sa.Text()))
    op.execute("UPDATE mandate m SET agent_curp = coalesce((SELECT curp FROM person p WHERE p.id = m.agent_id), '')")
    op.alter_column("mandate", "agent_curp", nullable=False)
    op.alter_column("mandate", "agent_id", nullable=True)
    op.create_index("ix_mandate_waiting", "mandate", ["agent_curp"], postgresql_where=sa.text("agent_id IS NULL"))
    op.drop_constraint(UNIQUE, "message")
    op.create_unique_constraint(f"{UNIQUE}_recipient", "message", ["event_id", "person_id", "channel", "recipient"])


def _tables() -> None:
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
        "token_revocation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("before", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_token_revocation"),
    )
    op.create_index("ix_token_revocation_before", "token_revocation", ["before"])


def _purposes(allowed: str) -> None:
    op.drop_constraint(op.f("ck_sign_in_code_purpose"), "sign_in_code")
    op.create_check_constraint(op.f("ck_sign_in_code_purpose"), "sign_in_code", allowed)


def downgrade() -> None:
    op.drop_constraint(f"{UNIQUE}_recipient", "message")
    op.execute(
        "DELETE FROM message m USING message o WHERE (m.event_id, m.person_id, m.channel)"
        " = (o.event_id, o.person_id, o.channel) AND m.id > o.id"
    )
    op.create_unique_constraint(UNIQUE, "message", ["event_id", "person_id", "channel"])
    op.drop_index("ix_mandate_waiting", "mandate")
    op.execute("DELETE FROM mandate WHERE agent_id IS NULL")
    op.alter_column("mandate", "agent_id", nullable=False)
    op.drop_column("mandate", "agent_curp")
    for table in ("token_revocation", "former_contact"):
        op.drop_table(table)
    op.execute("DELETE FROM sign_in_code WHERE purpose IN ('registry', 'contact', 'confirm')")
    _purposes(FORMER_PURPOSES)
    op.drop_column("web_session", "signed_in_by")
    for table in ("web_session", "refresh_token", "account"):
        op.drop_column(table, "assurance")
    for column in ("frozen_at", "settled_until"):
        op.drop_column("account", column)
