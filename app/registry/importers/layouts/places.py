"""Files about units: which postal codes they serve, and how many people each room takes."""

from dataclasses import replace

from app.kernel.tabular.report import Reason
from app.registry.importers import checks, cleaning
from app.registry.importers.layouts.layout import Field, Layout, Rule, twice, unit_known, upsert

SERVED_TWICE = Reason(
    "Ese código postal de la misma unidad ya apareció antes en el archivo.",
    "That postal code of the same unit came before in this file.",
)
ROOM_TWICE = Reason(
    "Ese consultorio y turno de la misma unidad ya aparecieron antes en el archivo.",
    "That room and shift of the same unit came before in this file.",
)
TOO_SMALL = Reason(
    "La capacidad es menor que el número de personas ya asignadas.",
    "The capacity is lower than the number of people already assigned.",
)

COVERAGE = Layout(
    name="coverage",
    fields=(
        Field("clues", checks.is_text, checks.BAD_TEXT, cleaning.identifiers),
        Field("postal_code", checks.is_digits(5), checks.BAD_POSTAL, cleaning.identifiers),
    ),
    staging="line bigint, clues text, postal_code text",
    rules=(unit_known(), Rule("postal_code", SERVED_TWICE, twice("(clues, postal_code)::text"))),
    table="coverage",
    merge="INSERT INTO coverage (unit_id, postal_code)"
    " SELECT u.id, s.postal_code FROM staged s JOIN unit u ON u.clues = s.clues ON CONFLICT DO NOTHING",
)

PANELS = Layout(
    name="panels",
    fields=(
        Field("clues", checks.is_text, checks.BAD_TEXT, cleaning.identifiers),
        Field("shift", checks.one_of("M", "V", "N"), checks.BAD_SHIFT, cleaning.capitals),
        Field("room", checks.within(1, 999), checks.BAD_ROOM, cleaning.codes),
        Field("capacity", checks.within(0, 99_999), checks.BAD_PEOPLE, cleaning.codes),
    ),
    staging="line bigint, clues text, shift text, room integer, capacity integer, assigned integer",
    prepare=(
        # People are assigned while this runs: one more, and a capacity that the rule let through would be too small.
        "LOCK TABLE panel IN SHARE ROW EXCLUSIVE MODE",
        # Where the file doesn't say how many are assigned: the number there was...
        """
        UPDATE staged s SET assigned = p.assigned FROM unit u JOIN panel p ON p.unit_id = u.id
        WHERE s.assigned IS NULL AND u.clues = s.clues AND (p.shift, p.room) = (s.shift, s.room)
        """,
        # ...and for a new room, the people the registry has in it.
        """
        UPDATE staged s SET assigned = n.people FROM (
            SELECT x.line, count(p.id) AS people FROM staged x JOIN unit u ON u.clues = x.clues
            LEFT JOIN person p ON (p.unit_id, p.shift, p.room) = (u.id, x.shift, x.room)
            WHERE x.assigned IS NULL GROUP BY x.line) n
        WHERE n.line = s.line
        """,
    ),
    rules=(
        unit_known(),
        Rule("capacity", TOO_SMALL, "SELECT line, capacity FROM staged WHERE capacity < assigned"),
        Rule("room", ROOM_TWICE, twice("(clues, shift, room)::text")),
    ),
    table="panel",
    merge=upsert(
        "panel",
        ("unit_id", "shift", "room"),
        ("capacity", "assigned"),
        "SELECT u.id, s.shift, s.room, s.capacity, s.assigned FROM staged s JOIN unit u ON u.clues = s.clues",
    ),
)

COUNTED_PANELS = replace(
    PANELS,
    fields=(
        *PANELS.fields,
        Field("assigned", checks.optional(checks.within(0, 99_999)), checks.BAD_PEOPLE, cleaning.codes),
    ),
)
