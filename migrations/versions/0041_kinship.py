"""Civil unions and minors in somebody's care by a court's order: LSS arts. 5-A XII and 84 V to VII."""

from alembic import op

revision = "0041_kinship"
down_revision = "0040_voluntary_payment"

KINSHIP, SITUATION = "ck_dependant_kinship", "ck_dependant_situation_of_child"


def upgrade() -> None:
    kinships = "'spouse', 'civil-union', 'partner', 'child', 'ward', 'parent'"
    _checks(f"kinship IN ({kinships})", "kinship IN ('child', 'ward')")


def downgrade() -> None:
    op.execute("UPDATE dependant SET kinship = 'partner' WHERE kinship = 'civil-union'")
    op.execute("UPDATE dependant SET kinship = 'child' WHERE kinship = 'ward'")
    _checks("kinship IN ('spouse', 'partner', 'child', 'parent')", "kinship = 'child'")


def _checks(kinships: str, of_child: str) -> None:
    for name, condition in ((KINSHIP, kinships), (SITUATION, f"situation IS NULL OR {of_child}")):
        op.drop_constraint(op.f(name), "dependant")
        op.create_check_constraint(op.f(name), "dependant", condition)
