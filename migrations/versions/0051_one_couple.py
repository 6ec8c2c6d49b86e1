"""A holder has one spouse or partner at a time: the database says so, too.

Of two registered at once, the earlier one ends on the eve of the later. Two that began on the same day have to be put
right first, by who knows which of them is true: the constraint is refused while they are there.
"""

from alembic import op

revision = "0051_one_couple"
down_revision = "0050_sign_in_code_beside"

COUPLE = "kinship IN ('spouse', 'civil-union', 'partner')"
END_THE_EARLIER = f"""
    UPDATE dependant d SET ends_on = later.starts_on - 1 FROM (
        SELECT holder_id, person_id, lead(starts_on) OVER (PARTITION BY holder_id ORDER BY starts_on) AS starts_on
        FROM dependant WHERE {COUPLE}
    ) later
    WHERE (d.holder_id, d.person_id) = (later.holder_id, later.person_id)
        AND later.starts_on > d.starts_on AND coalesce(d.ends_on, 'infinity') >= later.starts_on
"""
# By ranges alone: equality in such a constraint needs an extension, and not every server has it.
ONE_AT_A_TIME = f"""
    ALTER TABLE dependant ADD CONSTRAINT ex_dependant_one_couple EXCLUDE USING gist (
        (int8range(hashtextextended(holder_id::text, 0), hashtextextended(holder_id::text, 0), '[]')) WITH &&,
        (daterange(starts_on, ends_on, '[]')) WITH &&
    ) WHERE ({COUPLE}) DEFERRABLE INITIALLY IMMEDIATE
"""


def upgrade() -> None:
    op.execute(END_THE_EARLIER)
    op.execute(ONE_AT_A_TIME)


def downgrade() -> None:
    op.drop_constraint("ex_dependant_one_couple", "dependant")
