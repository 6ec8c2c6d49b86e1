"""People who say to have a CURP, beside the registry: one each, with an account of their own at the low level."""

import sqlalchemy as sa
from alembic import op

revision = "0043_declared"
down_revision = "0042_refusal"

PURPOSES = "'sign-in', 'registry', 'enrol', 'contact', 'confirm', 'desk'"
OF_REQUEST = ("appeal", "refusal")


def upgrade() -> None:
    op.add_column("person", sa.Column("declared_at", sa.DateTime(timezone=True)))
    op.drop_constraint("uq_person_curp", "person")
    for name, condition in (("uq_person_curp", "IS NULL"), ("uq_person_declared_curp", "IS NOT NULL")):
        op.create_index(name, "person", ["curp"], unique=True, postgresql_where=sa.text(f"declared_at {condition}"))
    op.create_check_constraint(
        op.f("ck_person_declared_has_nothing"),
        "person",
        "declared_at IS NULL OR num_nonnulls(nss, unit_id, email, phone) = 0",
    )
    op.drop_constraint("uq_account_curp", "account")
    op.add_column("sign_in_code", sa.Column("beside", sa.Uuid()))
    op.create_index(
        "ix_sign_in_code_beside", "sign_in_code", ["beside"], postgresql_where=sa.text("beside IS NOT NULL")
    )
    _purposes("'sign-in', 'registry', 'enrol', 'open', 'contact', 'confirm', 'desk'")
    _follow("CASCADE")


def downgrade() -> None:
    _follow(None)
    op.execute("DELETE FROM sign_in_code WHERE purpose = 'open' OR beside IS NOT NULL")
    _purposes(PURPOSES)
    op.drop_index("ix_sign_in_code_beside", "sign_in_code")
    op.drop_column("sign_in_code", "beside")
    op.create_unique_constraint("uq_account_curp", "account", ["curp"])
    op.drop_constraint(op.f("ck_person_declared_has_nothing"), "person")
    op.drop_index("uq_person_declared_curp", "person")
    op.drop_index("uq_person_curp", "person")
    op.create_unique_constraint("uq_person_curp", "person", ["curp"])
    op.drop_column("person", "declared_at")


def _purposes(purposes: str) -> None:
    op.drop_constraint(op.f("ck_sign_in_code_purpose"), "sign_in_code")
    op.create_check_constraint(op.f("ck_sign_in_code_purpose"), "sign_in_code", f"purpose IN ({purposes})")


def _follow(onupdate: str | None) -> None:
    """What hangs from a request goes with it to another person."""
    for table in OF_REQUEST:
        name = op.f(f"fk_{table}_person_id_request_id_request")
        op.drop_constraint(name, table)
        columns = ["person_id", "request_id"]
        op.create_foreign_key(name, table, "request", columns, ["person_id", "id"], onupdate=onupdate)
