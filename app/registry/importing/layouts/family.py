"""The file of dependants, merged by holder and person; with or without the column `protected`."""

from dataclasses import replace

from app.kernel.tabular.report import Reason
from app.registry.importing import checks
from app.registry.importing.layouts.shape import ORDER, TWICE, Field, Layout, Rule, person_known, twice, upsert

SELF = Reason("Nadie depende de sí mismo.", "Nobody depends on themselves.")
KEY = ("holder_id", "person_id")
VALUES = ("kinship", "starts_on", "ends_on")
JOINS = "FROM staged s JOIN person h ON h.curp = s.holder_curp JOIN person p ON p.curp = s.curp"

# Without the column, marks that are there stay: this layout doesn't write them.
DEPENDANTS = Layout(
    name="dependants",
    fields=(
        Field("holder_curp", checks.is_curp, checks.BAD_CURP),
        Field("curp", checks.is_curp, checks.BAD_CURP),
        Field("kinship", checks.one_of("spouse", "partner", "child", "parent"), checks.BAD_KINSHIP),
        Field("starts_on", checks.is_date, checks.BAD_DATE),
        Field("ends_on", checks.optional(checks.is_date), checks.BAD_DATE),
    ),
    staging='line bigint, holder_curp text COLLATE "C", curp text COLLATE "C", kinship text, starts_on date,'
    " ends_on date, protected text",
    rules=(
        person_known("holder_curp"),
        person_known("curp"),
        Rule("curp", SELF, "SELECT line, curp FROM staged WHERE curp = holder_curp"),
        Rule("ends_on", ORDER, "SELECT line, ends_on::text FROM staged WHERE ends_on < starts_on"),
        Rule("curp", TWICE, twice("(holder_curp, curp)::text")),
    ),
    table="dependant",
    merge=upsert("dependant", KEY, VALUES, f"SELECT h.id, p.id, s.kinship, s.starts_on, s.ends_on {JOINS}"),
)

MARKED_DEPENDANTS = replace(
    DEPENDANTS,
    fields=(*DEPENDANTS.fields, Field("protected", checks.one_of("yes", "no", ""), checks.BAD_YES_NO)),
    merge=upsert(
        "dependant",
        KEY,
        (*VALUES, "is_protected"),
        f"SELECT h.id, p.id, s.kinship, s.starts_on, s.ends_on, coalesce(s.protected, 'no') = 'yes' {JOINS}",
    ),
)
