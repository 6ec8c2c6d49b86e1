"""The three files of the insured: their columns, what is checked in each, and how rows enter the registry.

Merging is by natural key and changes only rows that differ, so the same file twice changes nothing.
"""

from dataclasses import dataclass

from app.kernel.tabular.report import Reason
from app.registry.importing import checks
from app.registry.importing.checks import Check


@dataclass(frozen=True, slots=True)
class Field:
    """A column: how it is checked, and the reason given when it fails."""

    name: str
    check: Check
    reason: Reason


@dataclass(frozen=True, slots=True)
class Rule:
    """A check the database makes over the staged rows: the SQL gives (line, value) of those that break it."""

    field: str
    reason: Reason
    sql: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of file. `staging` is the DDL of its columns; `merge` writes into `table` what is new or differs."""

    name: str
    fields: tuple[Field, ...]
    staging: str
    rules: tuple[Rule, ...]
    table: str
    merge: str
    needs_ids: bool = False


TWICE = Reason("Esa persona ya apareció antes en el archivo.", "That person came before in this file.")
NSS_TWICE = Reason("Ese NSS ya apareció antes en el archivo.", "That NSS came before in this file.")
NSS_OTHER = Reason("Ese NSS es de otra persona del padrón.", "That NSS belongs to someone else in the registry.")
NO_UNIT = Reason("No hay una unidad con esa CLUES.", "There is no unit with that CLUES.")
NO_PERSON = Reason("No hay una persona con esa CURP.", "There is no person with that CURP.")
ORDER = Reason("La fecha final es anterior a la inicial.", "The last date is before the first.")
ROOM_ALONE = Reason("Hay consultorio pero falta la unidad.", "There is a room but no unit.")
SELF = Reason("Nadie depende de sí mismo.", "Nobody depends on themselves.")


def _twice(key: str) -> str:
    return (
        f"SELECT line, k FROM (SELECT line, {key} AS k, row_number() OVER (PARTITION BY {key} ORDER BY line) AS n"
        " FROM staged) d WHERE n > 1 AND k IS NOT NULL"
    )


PEOPLE = Layout(
    name="people",
    fields=(
        Field("curp", checks.is_curp, checks.BAD_CURP),
        Field("nss", checks.optional(checks.is_nss), checks.BAD_NSS),
        Field("given_names", checks.is_text, checks.BAD_TEXT),
        Field("first_surname", checks.is_text, checks.BAD_TEXT),
        Field("second_surname", checks.optional(checks.is_text), checks.BAD_TEXT),
        Field("birth_on", checks.is_date, checks.BAD_DATE),
        Field("sex", checks.one_of("H", "M", "X"), checks.BAD_SEX),
        Field("clues", checks.optional(checks.is_text), checks.BAD_TEXT),
        Field("room", checks.optional(checks.is_digits(1, 2, 3)), checks.BAD_NUMBER),
        Field("shift", checks.one_of("M", "V", "N", ""), checks.BAD_SHIFT),
        Field("email", checks.optional(checks.is_email), checks.BAD_EMAIL),
        Field("phone", checks.optional(checks.is_phone), checks.BAD_PHONE),
        Field("postal_code", checks.optional(checks.is_digits(5)), checks.BAD_POSTAL),
        Field("language", checks.one_of("es", "en", ""), checks.BAD_LANGUAGE),
    ),
    staging='id uuid, line bigint, curp text COLLATE "C", nss text COLLATE "C", given_names text, first_surname text,'
    " second_surname text, birth_on date, sex text, clues text, room integer, shift text, email text, phone text,"
    " postal_code text, language text",
    needs_ids=True,
    rules=(
        Rule("curp", TWICE, _twice("curp")),
        Rule("nss", NSS_TWICE, _twice("nss")),
        Rule(
            "nss",
            NSS_OTHER,
            "SELECT s.line, s.nss FROM staged s JOIN person p ON p.nss = s.nss WHERE p.curp <> s.curp",
        ),
        Rule(
            "clues",
            NO_UNIT,
            "SELECT s.line, s.clues FROM staged s WHERE s.clues IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM unit u WHERE u.clues = s.clues)",
        ),
        Rule("room", ROOM_ALONE, "SELECT line, room::text FROM staged WHERE room IS NOT NULL AND clues IS NULL"),
    ),
    table="person",
    merge="""
        INSERT INTO person AS p (id, curp, nss, given_names, first_surname, second_surname, birth_on, sex, unit_id,
            room, shift, email, phone, postal_code, language)
        SELECT s.id, s.curp, s.nss, s.given_names, s.first_surname, s.second_surname, s.birth_on, s.sex, u.id,
            s.room, s.shift, s.email, CASE WHEN s.phone NOT LIKE '+%' THEN '+52' || s.phone ELSE s.phone END,
            s.postal_code, coalesce(s.language, 'es')
        FROM staged s LEFT JOIN unit u ON u.clues = s.clues
        ON CONFLICT (curp) DO UPDATE SET nss = excluded.nss, given_names = excluded.given_names,
            first_surname = excluded.first_surname, second_surname = excluded.second_surname,
            birth_on = excluded.birth_on, sex = excluded.sex, unit_id = excluded.unit_id, room = excluded.room,
            shift = excluded.shift, email = excluded.email, phone = excluded.phone,
            postal_code = excluded.postal_code, language = excluded.language
        WHERE (p.nss, p.given_names, p.first_surname, p.second_surname, p.birth_on, p.sex, p.unit_id, p.room, p.shift,
            p.email, p.phone, p.postal_code, p.language) IS DISTINCT FROM (excluded.nss, excluded.given_names,
            excluded.first_surname, excluded.second_surname, excluded.birth_on, excluded.sex, excluded.unit_id,
            excluded.room, excluded.shift, excluded.email, excluded.phone, excluded.postal_code, excluded.language)
    """,
)

PERIODS = Layout(
    name="periods",
    fields=(
        Field("curp", checks.is_curp, checks.BAD_CURP),
        Field("employer", checks.is_text, checks.BAD_TEXT),
        Field("daily_wage", checks.optional(checks.is_money), checks.BAD_NUMBER),
        Field("starts_on", checks.is_date, checks.BAD_DATE),
        Field("ends_on", checks.optional(checks.is_date), checks.BAD_DATE),
    ),
    staging='line bigint, curp text COLLATE "C", employer text, daily_wage numeric(10,2), starts_on date, ends_on date',
    rules=(
        Rule(
            "curp",
            NO_PERSON,
            "SELECT s.line, s.curp FROM staged s WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.curp = s.curp)",
        ),
        Rule("ends_on", ORDER, "SELECT line, ends_on::text FROM staged WHERE ends_on < starts_on"),
        Rule("curp", TWICE, _twice("(curp, starts_on, employer)::text")),
    ),
    table="affiliation",
    merge="""
        INSERT INTO affiliation AS a (person_id, starts_on, employer, ends_on, daily_wage)
        SELECT p.id, s.starts_on, s.employer, s.ends_on, s.daily_wage FROM staged s JOIN person p ON p.curp = s.curp
        ON CONFLICT ON CONSTRAINT pk_affiliation DO UPDATE SET ends_on = excluded.ends_on,
            daily_wage = excluded.daily_wage
        WHERE (a.ends_on, a.daily_wage) IS DISTINCT FROM (excluded.ends_on, excluded.daily_wage)
    """,
)

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
    " ends_on date",
    rules=(
        *(
            Rule(
                key,
                NO_PERSON,
                f"SELECT s.line, s.{key} FROM staged s WHERE NOT EXISTS"
                f" (SELECT 1 FROM person p WHERE p.curp = s.{key})",
            )
            for key in ("holder_curp", "curp")
        ),
        Rule("curp", SELF, "SELECT line, curp FROM staged WHERE curp = holder_curp"),
        Rule("ends_on", ORDER, "SELECT line, ends_on::text FROM staged WHERE ends_on < starts_on"),
        Rule("curp", TWICE, _twice("(holder_curp, curp)::text")),
    ),
    table="dependant",
    merge="""
        INSERT INTO dependant AS d (holder_id, person_id, kinship, starts_on, ends_on)
        SELECT h.id, p.id, s.kinship, s.starts_on, s.ends_on
        FROM staged s JOIN person h ON h.curp = s.holder_curp JOIN person p ON p.curp = s.curp
        ON CONFLICT ON CONSTRAINT pk_dependant DO UPDATE SET kinship = excluded.kinship,
            starts_on = excluded.starts_on, ends_on = excluded.ends_on
        WHERE (d.kinship, d.starts_on, d.ends_on)
            IS DISTINCT FROM (excluded.kinship, excluded.starts_on, excluded.ends_on)
    """,
)


def layout_of(header: list[str]) -> Layout:
    """Which of the three files a header is of.

    Raises:
        RuntimeError: none of them, or columns are missing; the message names them.
    """
    names = {name.strip().lower() for name in header}
    if "holder_curp" in names:
        chosen = DEPENDANTS
    elif "employer" in names:
        chosen = PERIODS
    else:
        chosen = PEOPLE
    missing = [field.name for field in chosen.fields if field.name not in names]
    if missing:
        raise RuntimeError(
            f"as a file of {chosen.name} it lacks the columns {', '.join(missing)}: see docs/data-files.md"
        )
    return chosen
