"""The file of dependants, merged by holder and person; with or without the columns `protected` and `situation`."""

from dataclasses import replace

from app.kernel.tabular.report import Reason
from app.law.current import count_on_sql
from app.registry.dependant_coverage import CHILD_UNTIL, STUDENT_UNTIL
from app.registry.importers import checks, cleaning
from app.registry.importers.layouts.layout import (
    FROM_PEOPLE,
    ORDER,
    TWICE,
    Field,
    Layout,
    Rule,
    person_known,
    twice,
    upsert,
)
from app.registry.rules import COUPLE, KINSHIPS

SELF = Reason("Nadie depende de sí mismo.", "Nobody depends on themselves.")
NOT_A_CHILD = Reason(
    "La situación (estudios o discapacidad) es solo de hijas e hijos.",
    "The situation (studies or disability) is of children only.",
)
NOT_STUDYING = Reason(
    "La fecha final de los estudios es solo de quien estudia: la situación debe ser «studies».",
    'The last day of studies is of those who study only: the situation must be "studies".',
)
NEEDS_SITUATION = Reason(
    "A esa edad se registra a una hija o un hijo sólo por estudios o discapacidad: falta la situación.",
    "At that age a child is registered for studies or a disability only: the situation is missing.",
)
ONE_COUPLE = Reason(
    "En esos días la persona asegurada tiene a otra registrada como cónyuge o pareja: falta el fin de una de las dos.",
    "On those days the insured person has another spouse or partner registered: the end of one of both is missing.",
)
KEY = ("holder_id", "person_id")
VALUES = ("kinship", "starts_on", "ends_on")
JOINS = f"{FROM_PEOPLE} JOIN person h ON h.curp = s.holder_curp AND h.declared_at IS NULL"
_CHILD, _STUDENT = (f"{count_on_sql(name, 's.starts_on')} * 10000" for name in (CHILD_UNTIL, STUDENT_UNTIL))
_AGE = "to_char(s.starts_on, 'YYYYMMDD')::int - to_char(p.birth_on, 'YYYYMMDD')::int"
# A file without the column says that a person of 16 or more is registered as a child, and not why: who was under 25 is
# taken for a student, who was older can only be covered for a disability (LSS art. 84 V and VI).
_PRESUMED = f"""CASE WHEN s.kinship NOT IN ('child', 'ward') OR {_AGE} < {_CHILD} THEN NULL
    WHEN {_AGE} < {_STUDENT} THEN 'studies' ELSE 'disability' END"""
_PROTECTED = "coalesce(s.protected, 'no') = 'yes'"
_DATES = "s.kinship, s.starts_on, s.ends_on"

_COUPLE = "(" + ", ".join(f"'{kinship}'" for kinship in COUPLE) + ")"
_AT_ONCE = (
    f"s.kinship IN {_COUPLE} AND o.kinship IN {_COUPLE}"
    " AND daterange(s.starts_on, s.ends_on, '[]') && daterange(o.starts_on, o.ends_on, '[]')"
)
# What the file says of another row replaces what the registry has of it.
_COUPLE_RULES = (
    Rule(
        "curp",
        ONE_COUPLE,
        "SELECT DISTINCT s.line, s.curp FROM staged s JOIN staged o ON o.holder_curp = s.holder_curp"
        f" AND o.line < s.line WHERE {_AT_ONCE}",
    ),
    Rule(
        "curp",
        ONE_COUPLE,
        "SELECT DISTINCT s.line, s.curp FROM staged s JOIN person h ON h.curp = s.holder_curp"
        " AND h.declared_at IS NULL JOIN dependant o ON o.holder_id = h.id JOIN person p ON p.id = o.person_id"
        f" WHERE {_AT_ONCE}"
        " AND NOT EXISTS (SELECT 1 FROM staged t WHERE t.holder_curp = s.holder_curp AND t.curp = p.curp)",
    ),
)

# Without a column, what the registry says of it stays: this layout doesn't write it.
DEPENDANTS = Layout(
    name="dependants",
    fields=(
        Field("holder_curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
        Field("curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
        Field("kinship", checks.one_of(*KINSHIPS), checks.BAD_KINSHIP, cleaning.keywords),
        Field("starts_on", checks.is_date, checks.BAD_DATE, cleaning.codes),
        Field("ends_on", checks.optional(checks.is_date), checks.BAD_DATE, cleaning.codes),
    ),
    staging='line bigint, holder_curp text COLLATE "C", curp text COLLATE "C", kinship text, starts_on date,'
    " ends_on date, protected text, situation text, studies_until date",
    rules=(
        person_known("holder_curp"),
        person_known("curp"),
        Rule("curp", SELF, "SELECT line, curp FROM staged WHERE curp = holder_curp"),
        Rule("ends_on", ORDER, "SELECT line, ends_on::text FROM staged WHERE ends_on < starts_on"),
        Rule("curp", TWICE, twice("(holder_curp, curp)::text")),
        *_COUPLE_RULES,
    ),
    table="dependant",
    # A child who becomes something else has no situation.
    before_merge=(
        f"""
        UPDATE dependant d SET situation = NULL, studies_until = NULL FROM
            (SELECT h.id AS holder_id, p.id AS person_id, s.kinship {JOINS}) s
        WHERE (d.holder_id, d.person_id) = (s.holder_id, s.person_id) AND s.kinship NOT IN ('child', 'ward')
            AND d.situation IS NOT NULL
        """,
    ),
    merge=upsert(
        "dependant", KEY, VALUES, f"SELECT h.id, p.id, {_DATES}, {_PRESUMED} {JOINS}", at_first=("situation",)
    ),
)

_MARK = Field("protected", checks.one_of("yes", "no", ""), checks.BAD_YES_NO, cleaning.keywords)
MARKED_DEPENDANTS = replace(
    DEPENDANTS,
    fields=(*DEPENDANTS.fields, _MARK),
    merge=upsert(
        "dependant",
        KEY,
        (*VALUES, "is_protected"),
        f"SELECT h.id, p.id, {_DATES}, {_PROTECTED}, {_PRESUMED} {JOINS}",
        at_first=("situation",),
    ),
)

_SITUATION = (
    Field("situation", checks.one_of("studies", "disability", ""), checks.BAD_SITUATION, cleaning.keywords),
    Field("studies_until", checks.optional(checks.is_date), checks.BAD_DATE, cleaning.codes),
)
_SITUATION_RULES = (
    Rule(
        "situation",
        NOT_A_CHILD,
        "SELECT line, situation FROM staged WHERE situation <> '' AND kinship NOT IN ('child', 'ward')",
    ),
    Rule(
        "studies_until",
        NOT_STUDYING,
        "SELECT line, studies_until::text FROM staged WHERE studies_until IS NOT NULL"
        " AND situation IS DISTINCT FROM 'studies'",
    ),
    Rule(
        "situation",
        NEEDS_SITUATION,
        f"SELECT s.line, s.situation{FROM_PEOPLE}"
        " WHERE s.kinship IN ('child', 'ward')"
        f" AND coalesce(s.situation, '') = '' AND {_AGE} >= {_CHILD}",
    ),
)
_ABOUT = ("situation", "studies_until")
_ABOUT_VALUES = "nullif(s.situation, ''), s.studies_until"
CHILDREN = replace(
    DEPENDANTS,
    fields=(*DEPENDANTS.fields, *_SITUATION),
    rules=(*DEPENDANTS.rules, *_SITUATION_RULES),
    merge=upsert("dependant", KEY, (*VALUES, *_ABOUT), f"SELECT h.id, p.id, {_DATES}, {_ABOUT_VALUES} {JOINS}"),
)
MARKED_CHILDREN = replace(
    CHILDREN,
    fields=(*CHILDREN.fields, _MARK),
    merge=upsert(
        "dependant",
        KEY,
        (*VALUES, *_ABOUT, "is_protected"),
        f"SELECT h.id, p.id, {_DATES}, {_ABOUT_VALUES}, {_PROTECTED} {JOINS}",
    ),
)
