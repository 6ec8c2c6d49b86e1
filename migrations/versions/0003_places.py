"""Units with their rooms and shifts, postal codes, and days off."""

import sqlalchemy as sa
from alembic import op

revision = "0003_places"
down_revision = "0002_identity"

AWARE = sa.DateTime(timezone=True)

# What a unit is found by: the words of its key, name and place, without accents, between spaces.
SEARCHED = """
    lower(translate(
        ' ' || clues || ' ' || name || ' ' || municipality || ' ' || state || ' ',
        'ÁÀÄÂÉÈËÊÍÌÏÎÓÒÖÔÚÙÜÛÑÇáàäâéèëêíìïîóòöôúùüûñç.,;:-/()#"°º',
        'aaaaeeeeiiiioooouuuuncaaaaeeeeiiiioooouuuunc            '))
"""


def upgrade() -> None:
    _units()
    _postal_codes()
    _days_off()


def _units() -> None:
    """Create units, and the rooms and shifts of each."""
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clues", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("state_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("postal_code", sa.Text()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("level", sa.Integer()),
        sa.Column("is_operating", sa.Boolean(), nullable=False),
        sa.Column("imported_at", AWARE, nullable=False),
        sa.Column("search", sa.Text(), sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("clues", name="uq_unit_clues"),
        sa.CheckConstraint("char_length(clues) = 11", name=op.f("ck_unit_clues_length")),
        sa.CheckConstraint("kind IN ('umf', 'hospital', 'clinic', 'other')", name=op.f("ck_unit_kind")),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_unit_level")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_unit_point_is_whole")),
    )
    op.create_table(
        "room",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "number", name="pk_room"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_room_unit_id_unit"),
        sa.CheckConstraint("number > 0", name=op.f("ck_room_number")),
        sa.CheckConstraint(
            "kind IN ('consulting', 'dental', 'preventive', 'window', 'specialist')", name=op.f("ck_room_kind")
        ),
    )
    op.create_table(
        "shift",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "code", name="pk_shift"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_shift_unit_id_unit"),
        sa.CheckConstraint("code IN ('M', 'V', 'N')", name=op.f("ck_shift_code")),
        sa.CheckConstraint("starts <> ends", name=op.f("ck_shift_has_hours")),
    )


def _postal_codes() -> None:
    """Create postal codes and where they are."""
    op.create_table(
        "postal_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("state", sa.Text()),
        sa.Column("municipality", sa.Text()),
        sa.Column("settlement", sa.Text()),
        sa.Column("is_rural", sa.Boolean()),
        sa.PrimaryKeyConstraint("code", name="pk_postal_code"),
        sa.CheckConstraint("code ~ '^[0-9]{5}$'", name=op.f("ck_postal_code_code")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_postal_code_point_is_whole")),
    )


def _days_off() -> None:
    """Create holidays, and the days that administrative terms leave out."""
    op.create_table(
        "holiday",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holiday"),
        sa.UniqueConstraint(
            "on_date", "unit_id", name="uq_holiday_on_date_unit_id", postgresql_nulls_not_distinct=True
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_holiday_unit_id_unit"),
    )
    op.create_table(
        "non_working_days",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("starts_on", name="pk_non_working_days"),
        sa.CheckConstraint("starts_on <= ends_on AND ends_on < starts_on + 62", name=op.f("ck_non_working_days_span")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 120", name=op.f("ck_non_working_days_name")),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 300", name=op.f("ck_non_working_days_source")),
    )


def downgrade() -> None:
    for table in ("non_working_days", "holiday", "postal_code", "shift", "room", "unit"):
        op.drop_table(table)
